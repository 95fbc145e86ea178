/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything goes to the terminal through terminal_text: of what came from the wire nothing else would be safe, and of our own
 * words it knows the columns.
 *
 *   smtpscope  1,234 packets/s  0 dropped  eth0 up  up 01:02:03
 *   Sessions  12.3 a second  4 open  ▁▂▃▅
 *   Mail      ...
 *   ─ Servers ───────
 *   ─ Diagnosis ─────
 *   ─ Findings ──────
 *   q quit ...
 */
#include "cli/top_screen.h"

#include <curses.h>
#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "report/findings.h"

#define NS_PER_SECOND INT64_C(1000000000)

enum {
	ROWS_MIN = 3,      /* of a terminal on which anything is shown */
	COLUMNS_MIN = 16,
	ROWS_FOR_RATES = 12, /* with fewer there is one row of them */
	ROWS_FOR_LISTS = 9,  /* with fewer there is one list */
	COLUMNS_FOR_CLIENTS = 56, /* of findings */
	COLUMNS_FOR_SERVERS = 72,
	DIAGNOSES_SHOWN_MAX = 5,
	RECENT_S = 10,     /* what is so young is new */
	RATE_S = 5,        /* a rate is over so many seconds */
	KEY_CTRL_L = 'L' & 0x1f,
};

enum style { PLAIN, TITLE, HEADING, HEADING_FOCUSED, DIM, GOOD, WARN, BAD, CLIENT, SERVER, STYLE_COUNT };

enum list { SERVERS, DIAGNOSES, FINDINGS, LIST_COUNT };

struct top_screen {
	SCREEN *terminal;
	const struct words *words;
	bool ascii, colour;
	attr_t styles[STYLE_COUNT];
	bool paused, help;
	enum list focus;
	size_t offsets[LIST_COUNT]; /* the first row shown */
	size_t page;                /* rows of the focused list */
	int64_t view_ns;
	struct top_view view;
};

/* ---- styles ---- */

static void init_styles(struct top_screen *screen) {
	static const struct {
		attr_t attributes, without_colour;
		short colour; /* 0: the terminal's own */
	} rows[STYLE_COUNT] = {
		[TITLE] = {A_BOLD, A_BOLD, 0},
		[HEADING] = {A_DIM, A_NORMAL, 0},
		[HEADING_FOCUSED] = {A_BOLD, A_BOLD, COLOR_CYAN},
		[DIM] = {A_DIM, A_NORMAL, 0},
		[GOOD] = {0, A_NORMAL, COLOR_GREEN},
		[WARN] = {0, A_BOLD, COLOR_YELLOW},
		[BAD] = {A_BOLD, A_BOLD | A_REVERSE, COLOR_RED},
		[CLIENT] = {0, A_NORMAL, COLOR_CYAN},
		[SERVER] = {0, A_NORMAL, COLOR_CYAN},
	};
	const char *no_color = getenv("NO_COLOR");
	screen->colour = has_colors() && (no_color == NULL || no_color[0] == '\0') && start_color() == OK;
	if (screen->colour)
		use_default_colors();
	for (short i = 0; i < STYLE_COUNT; i++) {
		screen->styles[i] = screen->colour ? rows[i].attributes : rows[i].without_colour;
		if (!screen->colour || rows[i].colour == 0)
			continue;
		init_pair(i, rows[i].colour, -1);
		screen->styles[i] |= COLOR_PAIR(i);
	}
}

static enum style severity_style(enum finding_severity severity) {
	return severity >= FINDING_HIGH ? BAD : severity == FINDING_MEDIUM ? WARN : severity == FINDING_LOW ? CLIENT : DIM;
}

/* ---- writing ---- */

/* A place in a row, and where its room ends. */
struct pen {
	struct top_screen *screen;
	int y, x, end;
};

static struct pen pen_at(struct top_screen *screen, int y, int x) {
	return (struct pen){.screen = screen, .y = y, .x = x, .end = COLS};
}

static const char *words_of(const struct top_screen *screen, enum words_id id) {
	return words_get(screen->words, id);
}

static struct slice slice_of(const char *text) {
	return (struct slice){text, strlen(text)};
}

static size_t columns_of(const struct top_screen *screen, const char *text) {
	struct terminal_text shown;
	terminal_text_init(&shown, screen->ascii);
	terminal_text_wire(&shown, slice_of(text), TERMINAL_TEXT_MAX);
	return shown.columns;
}

/* Any bytes, in at most `columns` columns. */
static void put(struct pen *pen, enum style style, struct slice text, int columns) {
	struct terminal_text shown;
	if (columns > pen->end - pen->x)
		columns = pen->end - pen->x;
	if (columns <= 0)
		return;
	terminal_text_init(&shown, pen->screen->ascii);
	terminal_text_wire(&shown, text, (size_t)columns);
	attrset(pen->screen->styles[style]);
	mvaddnstr(pen->y, pen->x, shown.data, (int)shown.len);
	attrset(A_NORMAL);
	pen->x += (int)shown.columns;
}

static void put_text(struct pen *pen, enum style style, const char *text) {
	put(pen, style, slice_of(text), pen->end);
}

static void move_to(struct pen *pen, int x) {
	if (x > pen->x)
		pen->x = x;
}

/* A text that ends before the column `end`. */
static void put_right(struct pen *pen, enum style style, const char *text, int end) {
	move_to(pen, end - (int)columns_of(pen->screen, text));
	put_text(pen, style, text);
}

/* An item of a row of several, if it fits whole: half of a number misleads. */
static bool put_item(struct pen *pen, enum style style, const char *text) {
	if (pen->x + (int)columns_of(pen->screen, text) > pen->end)
		return false;
	put_text(pen, style, text);
	pen->x += 2;
	return true;
}

#define FORMAT(screen, text, id, ...)                                        \
	do {                                                                 \
		terminal_text_init(&(text), (screen)->ascii);                \
		WORDS_ADD(&(text), (screen)->words, id, __VA_ARGS__);        \
	} while (0)

static void put_count(struct pen *pen, enum style style, enum words_id id, uint64_t count) {
	struct terminal_text text;
	FORMAT(pen->screen, text, id, words_count("count", count));
	put_item(pen, style, text.data);
}

static void put_rule(struct pen *pen, enum style style) {
	const char *rule = pen->screen->ascii ? "-" : "─";
	attrset(pen->screen->styles[style]);
	for (; pen->x < pen->end; pen->x++)
		mvaddstr(pen->y, pen->x, rule);
	attrset(A_NORMAL);
}

static void format_time(char *text, size_t size, int64_t time_ns, const char *format) {
	time_t second = (time_t)(time_ns / NS_PER_SECOND);
	struct tm tm;
	if (gmtime_r(&second, &tm) == NULL || strftime(text, size, format, &tm) == 0)
		text[0] = '\0';
}

/* 512 KiB, 43.0 MiB */
static void format_bytes(char *text, size_t size, uint64_t bytes) {
	if (bytes < 1 << 20)
		snprintf(text, size, "%" PRIu64 " KiB", bytes >> 10);
	else if (bytes < 1 << 30)
		snprintf(text, size, "%.1f MiB", (double)bytes / (1 << 20));
	else
		snprintf(text, size, "%.1f GiB", (double)bytes / (1 << 30));
}

static void format_uptime(char *text, size_t size, int64_t uptime_ns) {
	int64_t seconds = uptime_ns / NS_PER_SECOND, days = seconds / 86400;
	int len = days > 0 ? snprintf(text, size, "%" PRId64 "d ", days) : 0;
	snprintf(text + len, size - (size_t)len, "%02d:%02d:%02d", (int)(seconds % 86400 / 3600), (int)(seconds % 3600 / 60),
		(int)(seconds % 60));
}

/* ---- the head ---- */

static void draw_interfaces(struct pen *pen, const struct top_view *view) {
	static const enum words_id states[] = {[WRITER_INTERFACE_UP] = WORDS_TOP_INTERFACE_UP,
		[WRITER_INTERFACE_DOWN] = WORDS_TOP_INTERFACE_DOWN,
		[WRITER_INTERFACE_GONE] = WORDS_TOP_INTERFACE_GONE};
	for (size_t i = 0; i < view->interface_count; i++) {
		const struct top_interface *interface = &view->interfaces[i];
		const char *state = words_of(pen->screen, states[interface->state]);
		if (pen->x + (int)(columns_of(pen->screen, interface->name) + 1 + columns_of(pen->screen, state)) > pen->end)
			return;
		put_text(pen, PLAIN, interface->name);
		pen->x++;
		put_item(pen, interface->state == WRITER_INTERFACE_UP ? GOOD : BAD, state);
	}
}

static void draw_title(struct top_screen *screen) {
	const struct top_view *view = &screen->view;
	struct pen pen = pen_at(screen, 0, 1);
	struct terminal_text text;
	char uptime[32];
	if (screen->paused) {
		struct pen right = pen;
		const char *paused = words_of(screen, WORDS_TOP_PAUSED);
		right.x = COLS - 1 - (int)columns_of(screen, paused);
		if (right.x > 0) {
			pen.end = right.x - 1;
			put_text(&right, WARN, paused);
		}
	}
	put_item(&pen, TITLE, "smtpscope");
	if (!view->has_statistics)
		return;
	put_count(&pen, PLAIN, WORDS_TOP_PACKETS, view->frames_per_second);
	/* New ones are an alarm, old ones a remark. */
	bool rising = view->dropped_ns != INT64_MIN && screen->view_ns - view->dropped_ns < RECENT_S * NS_PER_SECOND;
	put_count(&pen, rising ? BAD : view->dropped > 0 ? WARN : PLAIN, WORDS_TOP_DROPPED, view->dropped);
	draw_interfaces(&pen, view);
	format_uptime(uptime, sizeof(uptime), view->uptime_ns);
	FORMAT(screen, text, WORDS_TOP_UPTIME, words_text("time", uptime));
	put_item(&pen, DIM, text.data);
}

static int label_width(const struct top_screen *screen) {
	static const enum words_id labels[] = {WORDS_TOP_SESSIONS, WORDS_TOP_MAIL, WORDS_TOP_LOGINS};
	size_t width = 0;
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		size_t columns = columns_of(screen, words_of(screen, labels[i]));
		width = columns > width ? columns : width;
	}
	return (int)width + 3;
}

static struct pen begin_rates(struct top_screen *screen, int y, enum words_id label) {
	struct pen pen = pen_at(screen, y, 1);
	put_text(&pen, DIM, words_of(screen, label));
	move_to(&pen, label_width(screen));
	return pen;
}

/* The last minute, a column a second, the latest at the right. */
static void draw_history(struct pen *pen, int columns) {
	static const char *const utf8[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const ascii[] = {"_", ".", ".", ":", ":", "+", "+", "#", "#"};
	const struct top_screen *screen = pen->screen;
	const struct top_history *history = &screen->view.sessions;
	uint32_t most = 1;
	if (columns > TOP_SECONDS - 1)
		columns = TOP_SECONDS - 1;
	for (int ago = 1; ago <= columns; ago++) {
		uint32_t count = top_history_at(history, screen->view_ns, (unsigned)ago);
		most = count > most ? count : most;
	}
	attrset(screen->styles[CLIENT]);
	for (int ago = columns; ago >= 1; ago--) {
		uint32_t count = top_history_at(history, screen->view_ns, (unsigned)ago);
		/* One of a thousand is to be seen, too. */
		size_t height = ((size_t)count * 8 + most - 1) / most;
		mvaddstr(pen->y, pen->x++, screen->ascii ? ascii[height] : utf8[height]);
	}
	attrset(A_NORMAL);
	pen->x += 2;
}

static void draw_sessions(struct top_screen *screen, int y) {
	struct pen pen = begin_rates(screen, y, WORDS_TOP_SESSIONS);
	struct terminal_text text;
	char rate[32];
	snprintf(rate, sizeof(rate), "%.1f", (double)top_history_sum(&screen->view.sessions, screen->view_ns, RATE_S) / RATE_S);
	FORMAT(screen, text, WORDS_TOP_RATE, words_text("rate", rate));
	put_item(&pen, TITLE, text.data);
	put_count(&pen, PLAIN, WORDS_TOP_OPEN, screen->view.sessions_open);
	put_count(&pen, DIM, WORDS_TOP_TOTAL, screen->view.sessions_total);
	if (pen.end - pen.x > 10)
		draw_history(&pen, pen.end - pen.x - 1);
}

/* The state of the program itself, at the right of a row. */
static void draw_own_state(struct pen *pen, const char *text, enum style style) {
	if (pen->x + (int)columns_of(pen->screen, text) < pen->end)
		put_right(pen, style, text, pen->end - 1);
}

static void draw_mails(struct top_screen *screen, int y) {
	const struct top_view *view = &screen->view;
	struct pen pen = begin_rates(screen, y, WORDS_TOP_MAIL);
	uint64_t refused = top_history_sum(&view->mails_refused, screen->view_ns, TOP_SECONDS - 1);
	struct terminal_text text;
	char bytes[32];
	put_count(&pen, GOOD, WORDS_TEXT_TOTAL_ACCEPTED, top_history_sum(&view->mails_accepted, screen->view_ns, TOP_SECONDS - 1));
	put_count(&pen, refused > 0 ? WARN : PLAIN, WORDS_TEXT_TOTAL_REFUSED, refused);
	put_item(&pen, DIM, words_of(screen, WORDS_TOP_A_MINUTE));
	if (view->memory_bytes == 0)
		return;
	format_bytes(bytes, sizeof(bytes), view->memory_bytes);
	FORMAT(screen, text, WORDS_TOP_MEMORY, words_text("size", bytes));
	draw_own_state(&pen, text.data, DIM);
}

static void draw_logins(struct top_screen *screen, int y) {
	const struct top_view *view = &screen->view;
	struct pen pen = begin_rates(screen, y, WORDS_TOP_LOGINS);
	uint64_t rejected = top_history_sum(&view->logins_rejected, screen->view_ns, TOP_SECONDS - 1);
	struct terminal_text text;
	put_count(&pen, GOOD, WORDS_TEXT_TOTAL_LOGINS_ACCEPTED,
		top_history_sum(&view->logins_accepted, screen->view_ns, TOP_SECONDS - 1));
	put_count(&pen, rejected > 0 ? WARN : PLAIN, WORDS_TEXT_TOTAL_REJECTED, rejected);
	put_item(&pen, DIM, words_of(screen, WORDS_TOP_A_MINUTE));
	if (view->queued + view->spooled + view->lost == 0)
		return;
	FORMAT(screen, text, WORDS_TOP_OUTPUT, words_count("waiting", view->queued + view->spooled), words_count("lost", view->lost));
	draw_own_state(&pen, text.data, view->lost > 0 ? BAD : DIM);
}

/* Returns the first row below. */
static int draw_head(struct top_screen *screen) {
	draw_title(screen);
	draw_sessions(screen, 1);
	if (LINES < ROWS_FOR_RATES)
		return 2;
	draw_mails(screen, 2);
	draw_logins(screen, 3);
	return 5;
}

/* ---- lists ---- */

/* A list's place on the screen, and the rows of it that are shown. */
struct area {
	int y, rows; /* of the entries, headings not included */
	size_t first, count;
};

static size_t list_count(const struct top_screen *screen, enum list list) {
	return list == SERVERS ? screen->view.server_count
	       : list == DIAGNOSES ? screen->view.diagnosis_count
				   : screen->view.finding_count;
}

/* How much of a list there is: 1-8/23 */
static void draw_list_title(struct top_screen *screen, int y, enum list list, const struct area *area) {
	static const enum words_id titles[] = {[SERVERS] = WORDS_TEXT_HEADING_SERVERS,
		[DIAGNOSES] = WORDS_TEXT_HEADING_DIAGNOSES,
		[FINDINGS] = WORDS_TOP_FINDINGS};
	enum style style = screen->focus == list ? HEADING_FOCUSED : HEADING;
	struct pen pen = pen_at(screen, y, 0);
	char range[64] = "";
	size_t last = area->first + (size_t)area->rows < area->count ? area->first + (size_t)area->rows : area->count;
	if (area->count > 0)
		snprintf(range, sizeof(range), "%zu-%zu/%zu", area->first + 1, last, area->count);
	pen.end = 2;
	put_rule(&pen, style);
	pen.end = COLS;
	pen.x = 3;
	put_text(&pen, style, words_of(screen, titles[list]));
	pen.x++;
	if (pen.x + (int)strlen(range) + 6 > COLS)
		return;
	pen.end = COLS - (range[0] != '\0' ? (int)strlen(range) + 4 : 0);
	put_rule(&pen, style);
	pen.end = COLS;
	pen.x++;
	put_text(&pen, style, range);
	pen.x += range[0] != '\0';
	put_rule(&pen, style);
}

static void draw_empty(struct top_screen *screen, int y, enum words_id id) {
	struct pen pen = pen_at(screen, y, 1);
	put_text(&pen, DIM, words_of(screen, id));
}

/* ---- servers ---- */

enum { SERVER_MINIMUM = 14, FACE_MINIMUM = 10, CODES_WIDTH = 4 * TOP_CODES_MAX - 1 };

/* Where each column of the table ends; 0: it is left out. */
struct server_columns {
	int server, face, sessions, minute, failed, codes;
};

static int number_width(const struct top_screen *screen, enum words_id heading) {
	int columns = (int)columns_of(screen, words_of(screen, heading));
	return (columns > 6 ? columns : 6) + 2;
}

static void format_endpoint(struct terminal_text *text, const struct top_screen *screen, const struct stream_endpoint *endpoint,
	bool with_port) {
	terminal_text_init(text, screen->ascii);
	terminal_text_endpoint(text, endpoint, with_port);
}

static int endpoint_width(const struct top_screen *screen, const struct area *area) {
	int width = SERVER_MINIMUM;
	for (size_t i = area->first; i < area->count && i < area->first + (size_t)area->rows; i++) {
		struct terminal_text text;
		format_endpoint(&text, screen, &screen->view.servers[i].endpoint, true);
		width = (int)text.columns > width ? (int)text.columns : width;
	}
	return width < COLS / 3 + 4 ? width : COLS / 3 + 4;
}

/* What is of least use is left out first. */
static struct server_columns place_columns(const struct top_screen *screen, const struct area *area) {
	int sessions = number_width(screen, WORDS_TOP_COLUMN_SESSIONS), minute = number_width(screen, WORDS_TOP_COLUMN_MINUTE),
	    failed = number_width(screen, WORDS_TOP_COLUMN_FAILED), codes = CODES_WIDTH + 2;
	int server = 1 + endpoint_width(screen, area), face = COLS - 1 - server - 2 - sessions - minute - failed - codes;
	struct server_columns columns = {.server = server};
	if (face < FACE_MINIMUM) {
		face += codes;
		codes = 0;
	}
	if (face < FACE_MINIMUM) {
		face += minute;
		minute = 0;
	}
	if (face < FACE_MINIMUM)
		face = 0;
	columns.face = server + (face > 0 ? 2 + face : 0);
	columns.sessions = columns.face + sessions;
	columns.minute = minute > 0 ? columns.sessions + minute : 0;
	columns.failed = columns.sessions + minute + failed;
	columns.codes = codes > 0 ? columns.failed + codes : 0;
	if (face == 0)
		columns.face = 0;
	return columns;
}

static void draw_server_headings(struct top_screen *screen, int y, const struct server_columns *columns) {
	struct pen pen = pen_at(screen, y, 1);
	put_text(&pen, DIM, words_of(screen, WORDS_TOP_COLUMN_SERVER));
	if (columns->face > 0) {
		move_to(&pen, columns->server + 2);
		put_text(&pen, DIM, words_of(screen, WORDS_TOP_COLUMN_FACE));
	}
	put_right(&pen, DIM, words_of(screen, WORDS_TOP_COLUMN_SESSIONS), columns->sessions);
	if (columns->minute > 0)
		put_right(&pen, DIM, words_of(screen, WORDS_TOP_COLUMN_MINUTE), columns->minute);
	put_right(&pen, DIM, words_of(screen, WORDS_TOP_COLUMN_FAILED), columns->failed);
	if (columns->codes > 0) {
		move_to(&pen, columns->codes - CODES_WIDTH);
		put_text(&pen, DIM, words_of(screen, WORDS_TOP_COLUMN_CODES));
	}
}

static void put_number(struct pen *pen, enum style style, uint64_t number, int end) {
	struct terminal_text text;
	terminal_text_init(&text, pen->screen->ascii);
	terminal_text_count(&text, number);
	put_right(pen, number > 0 ? style : DIM, text.data, end);
}

static void draw_face(struct pen *pen, const struct top_server *server, int end) {
	const struct top_screen *screen = pen->screen;
	struct pen face = *pen;
	face.end = end;
	if (server->software != NULL) {
		put_text(&face, SERVER, server->software);
		face.x += 2;
	} else if (server->banner_len == 0) {
		put_text(&face, DIM, words_of(screen, WORDS_UNKNOWN));
	}
	/* The banner beside the product's name only where there is room for more than its beginning. */
	if (server->software == NULL || face.end - face.x >= 2 * FACE_MINIMUM)
		put(&face, DIM, (struct slice){server->banner, server->banner_len}, face.end - face.x);
	move_to(pen, end);
}

static void draw_codes(struct pen *pen, const struct top_server *server) {
	for (size_t i = 0; i < server->code_count; i++) {
		unsigned code = server->codes[i];
		char text[8];
		snprintf(text, sizeof(text), "%03u", code);
		put_text(pen, code >= 500 ? BAD : code >= 400 ? WARN : PLAIN, text);
		pen->x++;
	}
}

static void draw_server(struct top_screen *screen, int y, const struct top_server *server, const struct server_columns *columns) {
	struct pen pen = pen_at(screen, y, 1);
	struct terminal_text text;
	bool failing = server->failed_ns != INT64_MIN && screen->view_ns - server->failed_ns < TOP_SECONDS * NS_PER_SECOND;
	format_endpoint(&text, screen, &server->endpoint, true);
	put(&pen, TITLE, (struct slice){text.data, text.len}, columns->server - 1);
	if (columns->face > 0) {
		move_to(&pen, columns->server + 2);
		draw_face(&pen, server, columns->face);
	}
	put_number(&pen, PLAIN, server->sessions, columns->sessions);
	if (columns->minute > 0)
		put_number(&pen, PLAIN, top_history_sum(&server->history, screen->view_ns, TOP_SECONDS - 1), columns->minute);
	put_number(&pen, failing ? BAD : WARN, server->failed, columns->failed);
	if (columns->codes > 0) {
		move_to(&pen, columns->codes - CODES_WIDTH);
		draw_codes(&pen, server);
	}
}

static void draw_servers(struct top_screen *screen, const struct area *area) {
	struct server_columns columns = place_columns(screen, area);
	if (area->count == 0) {
		draw_empty(screen, area->y, WORDS_TOP_NO_SESSION);
		return;
	}
	draw_server_headings(screen, area->y - 1, &columns);
	for (int i = 0; i < area->rows && area->first + (size_t)i < area->count; i++)
		draw_server(screen, area->y + i, &screen->view.servers[area->first + (size_t)i], &columns);
}

/* ---- findings and diagnoses ---- */

static int severity_width(const struct top_screen *screen) {
	size_t width = 0;
	for (size_t i = 0; i <= FINDING_CRITICAL; i++) {
		size_t columns = columns_of(screen, findings_severity_words((enum finding_severity)i, screen->words));
		width = columns > width ? columns : width;
	}
	return (int)width + 2;
}

static struct pen begin_statement(
	struct top_screen *screen, int y, int64_t time_ns, const char *format, enum finding_severity severity) {
	struct pen pen = pen_at(screen, y, 1);
	char text[32];
	format_time(text, sizeof(text), time_ns, format);
	put_text(&pen, DIM, text);
	pen.x += 2;
	int end = pen.x + severity_width(screen);
	put_text(&pen, severity_style(severity), findings_severity_words(severity, screen->words));
	move_to(&pen, end);
	return pen;
}

static void format_peers(struct terminal_text *text, const struct top_screen *screen, const struct top_finding *finding) {
	terminal_text_init(text, screen->ascii);
	terminal_text_endpoint(text, &finding->client, false);
	if (COLS < COLUMNS_FOR_SERVERS) /* the client is what one looks for */
		return;
	terminal_text_add(text, screen->ascii ? " -> " : " → ");
	terminal_text_endpoint(text, &finding->server, true);
}

static int peers_width(const struct top_screen *screen, const struct area *area) {
	int width = 0;
	for (size_t i = area->first; i < area->count && i < area->first + (size_t)area->rows; i++) {
		struct terminal_text text;
		format_peers(&text, screen, &screen->view.findings[i]);
		width = (int)text.columns > width ? (int)text.columns : width;
	}
	return width < COLS / 2 - 4 ? width : COLS / 2 - 4;
}

static void draw_peers(struct pen *pen, const struct top_finding *finding, int width) {
	struct terminal_text text;
	int end = pen->x + width + 2;
	format_peers(&text, pen->screen, finding);
	put(pen, CLIENT, (struct slice){text.data, text.len}, width);
	move_to(pen, end);
}

static void draw_findings(struct top_screen *screen, const struct area *area) {
	int width = peers_width(screen, area);
	if (area->count == 0)
		draw_empty(screen, area->y, WORDS_TOP_NO_FINDING);
	for (int i = 0; i < area->rows && area->first + (size_t)i < area->count; i++) {
		const struct top_finding *finding = &screen->view.findings[area->first + (size_t)i];
		struct pen pen = begin_statement(screen, area->y + i, finding->time_ns,
			COLS < COLUMNS_FOR_CLIENTS ? "%H:%M" : "%H:%M:%S", finding->severity);
		if (COLS >= COLUMNS_FOR_CLIENTS)
			draw_peers(&pen, finding, width);
		put(&pen, PLAIN, (struct slice){finding->title, finding->title_len}, pen.end);
	}
}

static void draw_diagnoses(struct top_screen *screen, const struct area *area) {
	if (area->count == 0)
		draw_empty(screen, area->y, WORDS_TOP_NO_DIAGNOSIS);
	for (int i = 0; i < area->rows && area->first + (size_t)i < area->count; i++) {
		const struct top_diagnosis *diagnosis = &screen->view.diagnoses[area->first + (size_t)i];
		struct pen pen =
			begin_statement(screen, area->y + i, diagnosis->first_ns, "%m-%d %H:%M", diagnosis->severity);
		put(&pen, PLAIN, (struct slice){diagnosis->title, diagnosis->title_len}, pen.end);
	}
}

/* ---- all of it ---- */

/* Draws a list in `rows` rows from y on, headings included. */
static void draw_list(struct top_screen *screen, enum list list, int y, int rows) {
	int headings = list == SERVERS && list_count(screen, SERVERS) > 0 && rows > 2 ? 2 : 1;
	struct area area = {.y = y + headings, .rows = rows - headings, .count = list_count(screen, list)};
	if (area.rows < 1)
		return;
	size_t most = area.count > (size_t)area.rows ? area.count - (size_t)area.rows : 0;
	if (screen->offsets[list] > most)
		screen->offsets[list] = most;
	area.first = screen->offsets[list];
	if (screen->focus == list)
		screen->page = (size_t)area.rows;
	if (list == SERVERS)
		draw_servers(screen, &area);
	else if (list == DIAGNOSES)
		draw_diagnoses(screen, &area);
	else
		draw_findings(screen, &area);
	draw_list_title(screen, y, list, &area);
}

/* Servers and diagnoses get what they need, within bounds; findings the rest, for there are always more of them. */
static void draw_lists(struct top_screen *screen, int y, int rows) {
	int servers, diagnoses = 0, server_count = (int)screen->view.server_count;
	if (rows < ROWS_FOR_LISTS) {
		draw_list(screen, screen->focus, y, rows);
		return;
	}
	if (screen->view.diagnosis_count > 0 || screen->focus == DIAGNOSES) {
		diagnoses = (int)screen->view.diagnosis_count;
		diagnoses = 1 + (diagnoses < 1 ? 1 : diagnoses < DIAGNOSES_SHOWN_MAX ? diagnoses : DIAGNOSES_SHOWN_MAX);
		if (diagnoses > rows / 4)
			diagnoses = rows / 4;
	}
	servers = server_count > 0 ? 2 + server_count : 2;
	if (servers > (rows - diagnoses) / 2)
		servers = (rows - diagnoses) / 2;
	draw_list(screen, SERVERS, y, servers);
	if (diagnoses > 0)
		draw_list(screen, DIAGNOSES, y + servers, diagnoses);
	draw_list(screen, FINDINGS, y + servers + diagnoses, rows - servers - diagnoses);
}

static const struct key {
	const char *name;
	enum words_id brief, help;
} keys[] = {
	{"q", WORDS_TOP_KEY_QUIT, WORDS_TOP_HELP_QUIT},
	{"p", WORDS_TOP_KEY_PAUSE, WORDS_TOP_HELP_PAUSE},
	{"Tab", WORDS_TOP_KEY_LIST, WORDS_TOP_HELP_LIST},
	{"j/k", WORDS_TOP_KEY_SCROLL, WORDS_TOP_HELP_SCROLL},
	{"h", WORDS_TOP_KEY_HELP, WORDS_TOP_HELP_HELP},
};

enum { KEY_ROWS = sizeof(keys) / sizeof(keys[0]) };

static void draw_foot(struct top_screen *screen) {
	struct pen pen = pen_at(screen, LINES - 1, 1);
	for (size_t i = 0; i < KEY_ROWS; i++) {
		const char *brief = words_of(screen, keys[i].brief);
		if (pen.x + (int)(strlen(keys[i].name) + 1 + columns_of(screen, brief)) > COLS - 1)
			return;
		put_text(&pen, TITLE, keys[i].name);
		pen.x++;
		put_item(&pen, DIM, brief);
	}
}

static void draw_help(struct top_screen *screen) {
	static const enum words_id notes[] = {WORDS_TOP_HELP_NOTE_1, WORDS_TOP_HELP_NOTE_2, WORDS_TOP_HELP_NOTE_3};
	int y = 2;
	for (size_t i = 0; i < KEY_ROWS && y < LINES - 1; i++, y++) {
		struct pen pen = pen_at(screen, y, 3);
		put_text(&pen, TITLE, keys[i].name);
		move_to(&pen, 9);
		put_text(&pen, PLAIN, words_of(screen, keys[i].help));
	}
	y++;
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]) && y < LINES - 1; i++, y++) {
		struct pen pen = pen_at(screen, y, 3);
		put_text(&pen, DIM, words_of(screen, notes[i]));
	}
}

/* ncurses learns of a new size by a signal, which another thread may get: the terminal knows it, too. */
static void follow_size(void) {
	struct winsize size;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
		is_term_resized(size.ws_row, size.ws_col))
		resizeterm(size.ws_row, size.ws_col);
}

void top_screen_draw(struct top_screen *screen, struct top_model *model, int64_t now_ns) {
	if (!screen->paused || screen->view_ns == 0) {
		top_get_view(model, &screen->view);
		screen->view_ns = now_ns;
	}
	follow_size();
	erase();
	if (LINES >= ROWS_MIN && COLS >= COLUMNS_MIN) {
		if (screen->help) {
			draw_title(screen);
			draw_help(screen);
		} else {
			int y = draw_head(screen);
			draw_lists(screen, y, LINES - 1 - y);
		}
		draw_foot(screen);
	} else {
		mvaddnstr(0, 0, "smtpscope", COLS);
	}
	refresh();
}

/* ---- keys ---- */

/* Lists that are empty are passed over, but for the first. */
static void next_list(struct top_screen *screen, int step) {
	for (int i = 0; i < LIST_COUNT; i++) {
		screen->focus = (enum list)(((int)screen->focus + step + LIST_COUNT) % LIST_COUNT);
		if (list_count(screen, screen->focus) > 0)
			return;
	}
}

/* Drawing sees to it that it does not go beyond the end. */
static void scroll_list(struct top_screen *screen, long rows) {
	size_t *offset = &screen->offsets[screen->focus];
	if (rows < 0 && *offset < (size_t)-rows)
		*offset = 0;
	else
		*offset = (size_t)((long)*offset + rows);
}

static bool press(struct top_screen *screen, int key) {
	long page = screen->page > 1 ? (long)screen->page - 1 : 1;
	switch (key) {
	case 'q':
	case 'Q':
		return true;
	case 'p':
	case ' ':
		screen->paused = !screen->paused;
		break;
	case 'h':
	case '?':
		screen->help = !screen->help;
		break;
	case '\t':
	case KEY_RIGHT:
		next_list(screen, 1);
		break;
	case KEY_BTAB:
	case KEY_LEFT:
		next_list(screen, -1);
		break;
	case 'k':
	case KEY_UP:
		scroll_list(screen, -1);
		break;
	case 'j':
	case KEY_DOWN:
		scroll_list(screen, 1);
		break;
	case KEY_PPAGE:
		scroll_list(screen, -page);
		break;
	case KEY_NPAGE:
		scroll_list(screen, page);
		break;
	case KEY_HOME:
		screen->offsets[screen->focus] = 0;
		break;
	case KEY_END:
		screen->offsets[screen->focus] = TOP_FINDINGS_MAX;
		break;
	case KEY_CTRL_L:
		clearok(stdscr, TRUE);
		break;
	default:
		break;
	}
	return false;
}

bool top_screen_keys(struct top_screen *screen) {
	int key;
	while ((key = getch()) != ERR)
		if (press(screen, key))
			return true;
	return false;
}

/* ---- life ---- */

int top_screen_open(const struct words *words, struct top_screen **ret_screen) {
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return -ENOTTY;
	struct top_screen *screen = calloc(1, sizeof(*screen));
	if (screen == NULL)
		return -ENOMEM;
	screen->terminal = newterm(NULL, stdout, stdin);
	if (screen->terminal == NULL) {
		free(screen);
		return -ENOTSUP;
	}
	/* Where the terminal has no UTF-8, the one language that ASCII can write. */
	screen->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	screen->words = screen->ascii ? words_or_english(NULL) : words_or_english(words);
	tzset(); /* gmtime_r() reads the time zone's file, once */
	cbreak();
	noecho();
	nonl();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	init_styles(screen);
	screen->focus = FINDINGS;
	*ret_screen = screen;
	return 0;
}

void top_screen_close(struct top_screen *screen) {
	if (screen == NULL)
		return;
	endwin();
	delscreen(screen->terminal);
	free(screen);
}
