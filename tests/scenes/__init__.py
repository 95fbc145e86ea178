# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripted days of mail traffic and what a careful analyst would say of each. See table.py for the list."""
