/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Japanese.
 */
#include "report/words/catalogues.h"

static const char *const texts[WORDS_COUNT] = {
	/* ---- Lists of values ---- */
	[WORDS_LIST_COMMA] = "、",
	[WORDS_LIST_LAST] = "、",
	[WORDS_LIST_MORE] = "、ほか {count} 件",
	[WORDS_UNKNOWN] = "不明",

	/* ---- Diagnoses: an endpoint that changed its face ---- */
	[WORDS_DIAGNOSIS_SERVER_CHANGED_TITLE] = "{server} で別のサーバーが応答しています",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_EXPLANATION] =
		"{server} への接続には{before}が応答していましたが、{when} から {until} までは{after}が応答していました。異なる"
		"点: {changes}。",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_TITLE_UPGRADED] = "{server} のサーバーが更新されたか、設定が変更されています",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_EXPLANATION_UPGRADED] =
		"{server} の{after}は {when} から応答が変わりましたが、同じサーバーとして名乗っています。異なる点: {changes}。",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CAUSE_1] =
		"メールサーバーの手前にあるゲートウェイ、プロキシ、またはロードバランサーが停止したか外されたため、接続が背後"
		"のサーバーに直接届いている",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CAUSE_2] = "メールサーバーが入れ替えられた、更新された、または設定が変更された",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CAUSE_3] = "アドレスが別のマシンに移された(フェイルオーバー、転送ルール、DNS)",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CHECK_1] =
		"本来応答すべきサーバーと、実際に応答しているサーバーを比べる: swaks --server {server} --quit-after EHLO",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CHECK_2] =
		"ゲートウェイでサービスが動作しているか(systemctl status)、ポートで待ち受けているか(ss -ltnp)を確認する",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CHECK_3] =
		"接続の振り分け先を決めている設定を確認する: nft list ruleset、keepalived、ロードバランサーのプール",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CHECK_4] = "{when} ごろにメールシステムの作業がなかったか、担当者に確認する",
	[WORDS_DIAGNOSIS_SERVER_ALTERNATES_TITLE] = "{server} では複数のサーバーが交互に応答しています",
	[WORDS_DIAGNOSIS_SERVER_ALTERNATES_EXPLANATION] =
		"{server} への接続に対して、{count} 種類のサーバーが期間を通じて並行して応答しています。ロードバランサーが複"
		"数のサーバーに振り分けていると考えられます。これ自体は異常ではありません。",
	[WORDS_DIAGNOSIS_SERVER_ALTERNATES_EXPLANATION_BY_CLIENT] =
		"{server} への接続には {count} 種類の応答がありますが、同じクライアントへの応答は常に同じです。接続元によって応答が"
		"変わる構成であり、それ自体は異常ではありません。",
	[WORDS_DIAGNOSIS_SERVER_ALTERNATES_CAUSE_1] =
		"ロードバランサーまたはプロキシの背後に、設定の異なる複数のサーバーがある",
	[WORDS_DIAGNOSIS_SERVER_ALTERNATES_CHECK_1] =
		"一部の認証や送信だけが失敗する場合は、各サーバーの設定(postconf -n)とアカウントデータベースを比べる",

	/* ---- Diagnoses: logins that fail on one face ---- */
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_TITLE] =
		"{server} で別のサーバーが応答している間、認証に失敗しています: {users}",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_EXPLANATION] =
		"{server} で{before}が応答しているときは、{users} の認証は受け入れられます。{when} から {until} までは{after}が応"
		"答し、{users} の認証を {code} で拒否しましたが、{unaffected} は認証に成功しています。このサーバーは独自のアカウン"
		"トデータベースを使っており、そこに {users} が登録されていないと考えられます。クライアントの設定に問題があること"
		"を示すものはありません。同じ認証がもう一方のサーバーでは成功しています。{mailbox}",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_EXPLANATION_NO_OTHERS] =
		"{server} で{before}が応答しているときは、{users} の認証は受け入れられます。{when} から {until} までは{after}が応"
		"答し、{users} の認証を {code} で拒否しました(その間に認証に成功したユーザーは確認されていません)。このサーバーは"
		"独自のアカウントデータベースを使っており、そこに {users} が登録されていないと考えられます。クライアントの設定に"
		"問題があることを示すものはありません。同じ認証がもう一方のサーバーでは成功しています。{mailbox}",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CAUSE_1] =
		"メールサーバーの手前のゲートウェイ(プロキシ)が停止しているか迂回されており、独自のアカウントデータベースを持"
		"つ背後のサーバーに接続が直接届いている",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CAUSE_2] =
		"そのとき応答した{after}が参照するデータベースに {users} のアカウントが作成されていない、または削除された",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CAUSE_3] =
		"そのサーバーの認証の参照先が誤っている(Postfix: smtpd_sasl_type、smtpd_sasl_path)",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CHECK_1] =
		"{server} の手前のゲートウェイでサービスが動作しているか(systemctl status)、ポートで待ち受けているか(ss "
		"-ltnp)を確認する",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CHECK_2] =
		"認証を拒否したサーバーで postconf smtpd_sasl_type smtpd_sasl_path を確認し、続けて doveadm auth test USER "
		"(Dovecot) または sasldblistusers2 (Cyrus SASL) を実行する",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CHECK_3] =
		"接続がゲートウェイを迂回する原因を確認する: nft list ruleset、keepalived、ロードバランサーのプール",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CHECK_4] =
		"クライアントの設定は変えない(パスワードの再設定や、認証を無効にする対処は行わない)",

	/* ---- Diagnoses: clients that send without a login ---- */
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_TITLE] =
		"{client} が認証せずに送信しました",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_EXPLANATION] =
		"{client} は {server} に {user} として認証していました(または認証を試みていました)。{when} から {until} までは、サー"
		"バーが認証を提供しているにもかかわらず、認証せずに {mails} 通を送信しています。{outcome}",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_CAUSE_1] =
		"認証に失敗したため、メールソフトで「送信サーバー (SMTP) は認証が必要」のチェックが外された",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_CAUSE_2] =
		"メールソフトでアカウントが作り直され、送信時の認証が設定されていない",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_CAUSE_3] =
		"同じアドレスの背後にある別のプログラムや機器が送信している",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_CHECK_1] =
		"それまで認証が失敗していた理由を調べる(ほかの診断と、所見 auth-rejected を参照)",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_CHECK_2] =
		"認証できるようになったら設定を元に戻す。Outlook: アカウント設定 > 詳細設定 > 送信サーバー、Thunderbird: 送信"
		" (SMTP) サーバー > 認証方式",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_CHECK_3] =
		"認証なしで送信できる範囲を確認する: postconf mynetworks smtpd_relay_restrictions",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_TITLE] = "{server} は {client} からのメールを認証なしで中継しています",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_EXPLANATION] =
		"{server} は、ローカルネットワークのアドレスであるという理由だけで、{client} から外部の宛先へのメール "
		"{mails} 通を認証なしで受け付けました。そのネットワークにいれば、マルウェアに感染した端末を含め、誰でも任意の"
		"差出人で送信できます。",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_CAUSE_1] =
		"クライアントのネットワークが、サーバーの信頼するネットワーク(Postfix: mynetworks)に含まれている",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_CAUSE_2] = "サブミッションポートに、25 番ポートと同じ中継ルールが適用されている",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_CHECK_1] =
		"postconf mynetworks mynetworks_style smtpd_relay_restrictions smtpd_recipient_restrictions",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_CHECK_2] =
		"サブミッションでは master.cf に -o smtpd_relay_restrictions=permit_sasl_authenticated,reject を設定する",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_CHECK_3] =
		"認証できないプリンターや複合機は、ネットワーク全体ではなくアドレスを個別に許可する",
	[WORDS_DIAGNOSIS_OPEN_RELAY_TITLE] = "{server} は外部からの不正中継(オープンリレー)を許しています",
	[WORDS_DIAGNOSIS_OPEN_RELAY_EXPLANATION] =
		"ローカルではないクライアント {client} が認証なしで {recipient} 宛のメールを送信し、{server} は自身の宛先では"
		"ないにもかかわらず受け付けました。誰でも迷惑メールの踏み台として利用でき、まもなくブロックリストに登録される"
		"おそれがあります。",
	[WORDS_DIAGNOSIS_OPEN_RELAY_CAUSE_1] =
		"中継ルールがすべてのクライアントを許可している、または信頼するネットワーク(Postfix: mynetworks)が広すぎる",
	[WORDS_DIAGNOSIS_OPEN_RELAY_CAUSE_2] =
		"手前のプロキシや NAT が接続元を隠しているため、すべてローカルからの接続に見えている",
	[WORDS_DIAGNOSIS_OPEN_RELAY_CAUSE_3] =
		"宛先のドメインが実際にはこのサーバーの管理下にある(その場合は --local-domain で指定する)",
	[WORDS_DIAGNOSIS_OPEN_RELAY_CHECK_1] =
		"postconf mynetworks smtpd_relay_restrictions smtpd_recipient_restrictions relay_domains",
	[WORDS_DIAGNOSIS_OPEN_RELAY_CHECK_2] = "外部から試す: swaks --server {server} --to ADDRESS --quit-after RCPT",
	[WORDS_DIAGNOSIS_OPEN_RELAY_CHECK_3] = "ただちに中継を止め、キューに残っているメールを確認する: postqueue -p",

	/* ---- Diagnoses: connections that come to nothing ---- */
	[WORDS_DIAGNOSIS_PORT_BLOCKED_TITLE] =
		"{network} から 25 番ポートへの接続がブロックされていました",
	[WORDS_DIAGNOSIS_PORT_BLOCKED_EXPLANATION] =
		"{from} から {until} まで、{network} から {servers} 台のサーバーの 25 番ポートへの接続が {attempts} 回とも失敗しまし"
		"たが({kinds})、ポート {works} への接続は成功しています。ネットワーク自体は動作しており、その中または途中で 25 番"
		"ポートが遮断されています。多くのプロバイダーは迷惑メール対策としてこの制限(OP25B)を行っています。",
	[WORDS_DIAGNOSIS_PORT_BLOCKED_CAUSE_1] = "プロバイダーが外向きの 25 番ポートを遮断している(OP25B)",
	[WORDS_DIAGNOSIS_PORT_BLOCKED_CAUSE_2] =
		"自組織のファイアウォールが、25 番ポートの利用をメールサーバーだけに許可している",
	[WORDS_DIAGNOSIS_PORT_BLOCKED_CHECK_1] =
		"メールソフトでは 587 番ポート(STARTTLS)または 465 番ポート(TLS)を使い、認証を有効にする",
	[WORDS_DIAGNOSIS_PORT_BLOCKED_CHECK_2] = "クライアントから試す: nc -vz SERVER 25、続けて nc -vz SERVER 587",
	[WORDS_DIAGNOSIS_PORT_BLOCKED_CHECK_3] =
		"メールサーバーの場合は、プロバイダーに解除を依頼するか、プロバイダーの中継サーバーを経由する(Postfix: "
		"relayhost)",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_TITLE] = "{server} が応答していない時間帯がありました",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_EXPLANATION] =
		"{from} から {until} まで {server} に接続できませんでした(試行 {attempts} 回: {how})。それ以外の時間には動作して"
		"います。",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_CAUSE_1] =
		"サーバー上のメールサービス、または手前のゲートウェイが停止、再起動、または異常終了した",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_CAUSE_2] = "途中のファイアウォールが遮断するようになった",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_CAUSE_3] = "サーバー本体、またはそこまでのネットワークが停止していた",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_CHECK_1] =
		"サーバーで systemctl status postfix と ss -ltnp を実行し、その時間帯のログ(journalctl --since)を確認する",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_CHECK_2] = "クライアントから試す: swaks --server {server} --quit-after BANNER",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_CHECK_3] = "{from} ごろにファイアウォールの変更がなかったか確認する",

	/* ---- Diagnoses: attacks ---- */
	[WORDS_DIAGNOSIS_MORE_USERS] = "{count} を超える",
	[WORDS_DIAGNOSIS_LOGIN_SUCCEEDED] =
		"その後 {user} としての認証が成功しており、侵入された可能性があります。",
	[WORDS_DIAGNOSIS_BRUTE_FORCE_TITLE] = "{client} が {server} でパスワードの総当たりを行っています",
	[WORDS_DIAGNOSIS_BRUTE_FORCE_EXPLANATION] =
		"{client} は {server} で {users} 個のユーザー名について認証に {attempts} 回失敗しています。人の入力ミスとは考"
		"えにくい回数です。{success}",
	[WORDS_DIAGNOSIS_BRUTE_FORCE_CAUSE_1] = "第三者がパスワードを次々に試している",
	[WORDS_DIAGNOSIS_BRUTE_FORCE_CAUSE_2] = "メールソフトや機器が、古いパスワードで試行を繰り返している",
	[WORDS_DIAGNOSIS_BRUTE_FORCE_CHECK_1] =
		"{client} が誰のアドレスかを確認し、自組織のものでなければ遮断する(fail2ban、Postfix: "
		"smtpd_client_auth_rate_limit)",
	[WORDS_DIAGNOSIS_BRUTE_FORCE_CHECK_2] =
		"そこからの認証に成功したものがあれば、そのパスワードを変更し、送信されたメールを調べる",
	[WORDS_DIAGNOSIS_PASSWORD_SPRAY_TITLE] = "{client} が {server} で多数のユーザー名を試しています",
	[WORDS_DIAGNOSIS_PASSWORD_SPRAY_EXPLANATION] =
		"{client} は {server} で {users} 個のユーザー名について認証に {attempts} 回失敗しています。少数のパスワードを"
		"多数のアカウントに試す攻撃(パスワードスプレー)と考えられます。{success}",
	[WORDS_DIAGNOSIS_PASSWORD_SPRAY_CAUSE_1] =
		"第三者が、よく使われるパスワードや流出したパスワードを多数のアカウントに試している",
	[WORDS_DIAGNOSIS_PASSWORD_SPRAY_CAUSE_2] =
		"多数の利用者が 1 つのアドレス(NAT、プロキシ)を経由しており、サーバー側の認証処理が全員について失敗している",
	[WORDS_DIAGNOSIS_PASSWORD_SPRAY_CHECK_1] =
		"{client} が誰のアドレスかを確認し、自組織のものでなければ遮断する(fail2ban、Postfix: "
		"smtpd_client_auth_rate_limit)",
	[WORDS_DIAGNOSIS_PASSWORD_SPRAY_CHECK_2] =
		"そこからの認証に成功したものがあれば、そのパスワードを変更し、送信されたメールを調べる",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_TITLE] = "{server} の提示する機能から暗号化(STARTTLS)が消えています",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_EXPLANATION] =
		"{server} は{before} STARTTLS を提示していましたが、{clients} には届いていません。メールやパスワードが暗号化"
		"されないように、経路の途中で取り除かれている可能性があります。",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_CAUSE_1] =
		"SMTP を検査するファイアウォールやウイルス対策ソフトが取り除いている(Cisco: inspect esmtp など)",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_CAUSE_2] =
		"サーバーの証明書や TLS の設定が失われた(Postfix: smtpd_tls_security_level)",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_CAUSE_3] = "経路上の第三者が通信を盗み見ようとしている",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_CHECK_1] =
		"クライアントと別の場所の両方から試して比べる: swaks --server {server} --quit-after EHLO",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_CHECK_2] =
		"サーバーで確認する: postconf smtpd_tls_security_level smtpd_tls_cert_file",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_CHECK_3] =
		"クライアントで暗号化を必須にする(「可能な場合」にしない)、または 465 番ポートを使う",
	[WORDS_DIAGNOSIS_STARTTLS_OFFERED_BEFORE] = "{when} まで",
	[WORDS_DIAGNOSIS_STARTTLS_OFFERED_OTHERS] = "{clients} には",

	/* ---- Diagnoses: mail that waits ---- */
	[WORDS_DIAGNOSIS_GREYLIST_NOT_RETRIED_TITLE] = "{client} はグレイリスティングの後に再送していません",
	[WORDS_DIAGNOSIS_GREYLIST_NOT_RETRIED_EXPLANATION] =
		"{server} は、初めての差出人に対する通常の動作として、{client} から {recipient} へのメールをいったん断り、再"
		"送を待っています(グレイリスティング)。取得した範囲では再送がなく、メールは失われたか、クライアント側で待機し"
		"ています。",
	[WORDS_DIAGNOSIS_GREYLIST_NOT_RETRIED_CAUSE_1] = "クライアントが、キューを持たずに直接送信するプログラムや機器である",
	[WORDS_DIAGNOSIS_GREYLIST_NOT_RETRIED_CAUSE_2] = "再送が取得期間より後に行われる、または別のアドレスから行われる",
	[WORDS_DIAGNOSIS_GREYLIST_NOT_RETRIED_CHECK_1] = "クライアントのキューを確認する: postqueue -p、mailq",
	[WORDS_DIAGNOSIS_GREYLIST_NOT_RETRIED_CHECK_2] =
		"プログラムや機器からは、認証のうえ自組織のメールサーバーを経由して送信する",

	[WORDS_DIAGNOSIS_GREYLISTED_THEN_DELIVERED_TITLE] = "{server} はグレイリスティングの後、再送されたメールを受け取りました",
	[WORDS_DIAGNOSIS_GREYLISTED_THEN_DELIVERED_EXPLANATION] =
		"{server} は、未知の差出人に対する動作としてメールをいったん拒否し、再送されたものを受け取りました。グレイリスティングによる"
		"遅れは {longest} です。障害ではありません。",
	[WORDS_DIAGNOSIS_GREYLISTED_THEN_DELIVERED_EXPLANATION_MANY] =
		"{server} は、未知の差出人に対する動作としてメール {mails} 通をいったん拒否し、再送されたものを受け取りました。グレイリスティングに"
		"よる遅れは {shortest} から {longest} です。障害ではありません。",
	[WORDS_DIAGNOSIS_GREYLISTED_THEN_DELIVERED_CAUSE_1] = "再送しない送信元を受け付けないための、サーバーの通常の動作",
	[WORDS_DIAGNOSIS_GREYLISTED_THEN_DELIVERED_CHECK_1] =
		"遅れが問題になる場合は、送信側の再送間隔(Postfix: postconf minimal_backoff_time)と、サーバーの除外設定(postgrey: "
		"whitelist_clients)を確認する",

	/* ---- Diagnoses: phrases ---- */
	[WORDS_DIAGNOSIS_FACE_SOFTWARE] = " {software} サーバー",
	[WORDS_DIAGNOSIS_FACE_BANNER] = "「{banner}」と名乗るサーバー",
	[WORDS_DIAGNOSIS_FACE_UNNAMED] = "名乗らないサーバー",
	[WORDS_DIAGNOSIS_CHANGE_BANNER] = "応答メッセージが「{before}」から「{after}」に変化",
	[WORDS_DIAGNOSIS_CHANGE_SOFTWARE] = "ソフトウェアが {before} から {after} に変化",
	[WORDS_DIAGNOSIS_CHANGE_EXTENSIONS_GONE] = "提示されなくなった拡張機能: {list}",
	[WORDS_DIAGNOSIS_CHANGE_EXTENSIONS_NEW] = "新たに提示された拡張機能: {list}",
	[WORDS_DIAGNOSIS_CHANGE_AUTH_GONE] = "提示されなくなった認証方式: {list}",
	[WORDS_DIAGNOSIS_CHANGE_AUTH_NEW] = "新たに提示された認証方式: {list}",
	[WORDS_DIAGNOSIS_CHANGE_ORDER] = "拡張機能の並び順が変化",
	[WORDS_DIAGNOSIS_MAILBOX_WORKS] =
		"受信は正常です。同じ時間帯に、同じクライアントの POP3 接続 {pop3} 件と IMAP 接続 {imap} 件が完了しています。",
	[WORDS_DIAGNOSIS_MAILBOX_WORKS_POP3] =
		"受信は正常です。同じ時間帯に、同じクライアントの POP3 接続 {pop3} 件が完了しています。",
	[WORDS_DIAGNOSIS_MAILBOX_WORKS_IMAP] =
		"受信は正常です。同じ時間帯に、同じクライアントの IMAP 接続 {imap} 件が完了しています。",
	[WORDS_DIAGNOSIS_OUTCOME_ACCEPTED] =
		"それでもサーバーは受け付けました。",
	[WORDS_DIAGNOSIS_OUTCOME_REFUSED] = "サーバーはこれを拒否しました。",
	[WORDS_DIAGNOSIS_OUTCOME_MIXED] = "サーバーはその一部を受け付け、残りを拒否しました。",
	[WORDS_DIAGNOSIS_OUTCOME_UNKNOWN] = "その結果は取得されていません。",
	[WORDS_DIAGNOSIS_KIND_UNANSWERED] = "応答なし",
	[WORDS_DIAGNOSIS_KIND_RESET] = "RST による拒否",
	[WORDS_DIAGNOSIS_KIND_UNREACHABLE] = "ICMP による到達不能通知",
	[WORDS_DIAGNOSIS_KIND_PROHIBITED] = "ICMP による禁止通知",
	[WORDS_DIAGNOSIS_CONSIDERED_LOAD_BALANCER] =
		"ロードバランサーの可能性: 複数のサーバーが交互に応答するはずですが、ここでは一方が終わった時点で他方に替わっ"
		"ています",
	[WORDS_DIAGNOSIS_CONSIDERED_UPGRADE] = "同じサーバーの更新の可能性: バージョン以外の点も変わっています",
	[WORDS_DIAGNOSIS_CONSIDERED_VARYING_BANNER] =
		"クライアントごとに応答メッセージを変えるサーバーの可能性: 同じクライアントが両方の応答を受けています",
	[WORDS_DIAGNOSIS_CONSIDERED_BRUTE_FORCE] =
		"パスワードの総当たりの可能性: 同じクライアントが、同じユーザー名でもう一方のサーバーでは認証に成功しています",
	[WORDS_DIAGNOSIS_CONSIDERED_WRONG_PASSWORD] =
		"パスワードの誤りの可能性: {users} は、同じ場所からもう一方のサーバーでは認証に成功しています",
	[WORDS_DIAGNOSIS_ASSUMED_LOCAL_NETWORKS] =
		"ローカルネットワークとみなした範囲: {networks} (--local-net で指定できます)",
	[WORDS_DIAGNOSIS_LOCAL_NETWORKS_DEFAULT] = "プライベートアドレス、およびサーバー自身の /24 または /64",
	[WORDS_DIAGNOSIS_GIVEN_LOCAL_NETWORKS] = "指定されたローカルネットワーク: {networks}",
	[WORDS_DIAGNOSIS_ASSUMED_LOCAL_DOMAINS] =
		"サーバー自身のドメインとみなしたもの: {domains} (--local-domain で指定できます)",
	[WORDS_DIAGNOSIS_GIVEN_LOCAL_DOMAINS] = "指定されたサーバー自身のドメイン: {domains}",
	[WORDS_DIAGNOSIS_ASSUMED_NO_LOCAL_DOMAINS] = "サーバー自身のドメインは不明です(--local-domain で指定できます)",
	[WORDS_DIAGNOSIS_STILL] = "取得の終わり",
	[WORDS_DIAGNOSIS_STILL_NOW] = "現在",

	/* ---- Findings: pieces that several share ---- */
	[WORDS_SENTENCES_JOIN] = "",
	[WORDS_SEVERITY_INFO] = "情報",
	[WORDS_SEVERITY_LOW] = "低",
	[WORDS_SEVERITY_MEDIUM] = "中",
	[WORDS_SEVERITY_HIGH] = "高",
	[WORDS_SEVERITY_CRITICAL] = "緊急",
	[WORDS_FINDING_TRIES] = "({seconds} 秒間に {tries} 回試行)",
	[WORDS_FINDING_USER] = "ユーザー {users}",
	[WORDS_FINDING_USERS] = "ユーザー {users}",
	[WORDS_FINDING_USERS_MORE] = "ユーザー {users} ほか",
	[WORDS_FINDING_USER_UNKNOWN] = "名前を確認できないユーザー",
	[WORDS_FINDING_SENDER_UNKNOWN] = "(未取得)",
	[WORDS_FINDING_SENDER_NULL] = "<> (空の差出人)",
	[WORDS_FINDING_THE_MESSAGE] = "メール本文",
	[WORDS_FINDING_LATER] = "これは一時的な拒否であり、クライアントは後で再送することが期待されます。",

	/* ---- Findings: the connection ---- */
	[WORDS_FINDING_CONNECTION_REFUSED_TITLE] = "接続が拒否されました",
	[WORDS_FINDING_CONNECTION_REFUSED_EXPLANATION] =
		"{server} は TCP リセットで接続を拒否しました{tries}。ポート {port} で待ち受けているプログラムがないか、ファ"
		"イアウォールが代わりに応答しています。",
	[WORDS_FINDING_CONNECTION_REFUSED_CAUSE_1] = "メールサービス、または手前のゲートウェイが動作していない",
	[WORDS_FINDING_CONNECTION_REFUSED_CAUSE_2] = "メールソフトに設定されたポートまたはサーバーが誤っている",
	[WORDS_FINDING_CONNECTION_REFUSED_CAUSE_3] = "ファイアウォールがポート {port} への接続を拒否している",
	[WORDS_FINDING_CONNECTION_REFUSED_CHECK_1] = "サーバーで確認する: ss -ltnp | grep :{port}、systemctl status postfix",
	[WORDS_FINDING_CONNECTION_REFUSED_CHECK_2] = "クライアントから試す: nc -vz {address} {port}",
	[WORDS_FINDING_CONNECTION_REFUSED_CHECK_3] =
		"サブミッションが master.cf で有効か確認する(Postfix: submission、smtps)",
	[WORDS_FINDING_CONNECTION_UNANSWERED_TITLE] = "サーバーから応答がありません",
	[WORDS_FINDING_CONNECTION_UNANSWERED_TITLE_ICMP] = "サーバーに到達できません",
	[WORDS_FINDING_CONNECTION_UNANSWERED_EXPLANATION] =
		"{server} は接続要求に応答しませんでした{tries}。ホストが停止しているか、ファイアウォールがポート {port} への"
		"接続を破棄しています。",
	[WORDS_FINDING_CONNECTION_UNANSWERED_EXPLANATION_25] =
		"{server} は接続要求に応答しませんでした{tries}。ホストが停止しているか、ファイアウォールがポート {port} への"
		"接続を破棄しています(多くのプロバイダーは 25 番ポートを遮断しています。メールソフトからの送信には 587 番また"
		"は 465 番を使います)。",
	[WORDS_FINDING_CONNECTION_UNANSWERED_EXPLANATION_ICMP] =
		"{server} に到達できません。ネットワークから ICMP エラー{icmp} が返されました{tries}。",
	[WORDS_FINDING_CONNECTION_UNANSWERED_CAUSE_1] =
		"途中のファイアウォールまたはプロバイダーがポート {port} を遮断している",
	[WORDS_FINDING_CONNECTION_UNANSWERED_CAUSE_2] = "サーバーが停止している、またはアドレスが誤っている",
	[WORDS_FINDING_CONNECTION_UNANSWERED_CHECK_1] =
		"クライアントから試す: nc -vz {address} {port}、比較のため nc -vz {address} 587",
	[WORDS_FINDING_CONNECTION_UNANSWERED_CHECK_2] = "到達できる範囲を調べる: tcptraceroute {address} {port}",
	[WORDS_FINDING_CONNECTION_UNANSWERED_CHECK_3] =
		"メールソフトの送信サーバーのポートを 25 番ではなく 587 番(STARTTLS)または 465 番(TLS)にする",
	[WORDS_FINDING_NO_GREETING_TITLE] = "サーバーが何も送信しません",
	[WORDS_FINDING_NO_GREETING_EXPLANATION] =
		"{server} は接続を受け付けましたが、{seconds} 秒間何も送信しませんでした。背後のメールサービスが停止している"
		"か、途中の機器やソフト(ファイアウォール、プロキシ、ウイルス対策ソフト)が代わりに接続を受け付けています。",
	[WORDS_FINDING_NO_GREETING_CAUSE_1] = "サーバーのプロセスがすべて使用中、または何か(DNS、ディスク)を待っている",
	[WORDS_FINDING_NO_GREETING_CAUSE_2] = "そのポートは接続直後から TLS を使うが、メールソフトが平文の応答を待っている",
	[WORDS_FINDING_NO_GREETING_CAUSE_3] =
		"サーバーが停止しているのに、途中のプロキシやウイルス対策ソフトが接続を受け付けている",
	[WORDS_FINDING_NO_GREETING_CHECK_1] =
		"サーバー上とクライアントの両方で試す: swaks --server {server} --quit-after BANNER",
	[WORDS_FINDING_NO_GREETING_CHECK_2] = "TLS で応答するか確認する: openssl s_client -connect {server}",
	[WORDS_FINDING_NO_GREETING_CHECK_3] =
		"サーバーのログと設定を確認する: postconf default_process_limit smtpd_peername_lookup",
	[WORDS_FINDING_BANNER_REFUSED_TITLE] = "サーバーが接続直後にクライアントを拒否しました",
	[WORDS_FINDING_BANNER_REFUSED_EXPLANATION] =
		"{server} は接続に対して {reply} と応答しました。{client} からのメールを受け付けていません。",
	[WORDS_FINDING_BANNER_REFUSED_EXPLANATION_LATER] =
		"{server} は接続に対して {reply} と応答しました。現在 {client} からのメールを受け付けていません。",
	[WORDS_FINDING_BANNER_REFUSED_CAUSE_1] =
		"クライアントのアドレスがブロックリスト、またはサーバーのアクセス制限に登録されている",
	[WORDS_FINDING_BANNER_REFUSED_CAUSE_2] =
		"動的アドレスのため、プロバイダー経由または 587 番ポートで送信する必要がある",
	[WORDS_FINDING_BANNER_REFUSED_CHECK_1] =
		"{client} がブロックリストに登録されているか確認する: https://check.spamhaus.org/",
	[WORDS_FINDING_BANNER_REFUSED_CHECK_2] =
		"サーバーで確認する: postconf smtpd_client_restrictions postscreen_access_list postscreen_dnsbl_sites",
	[WORDS_FINDING_SERVER_BUSY_TITLE] = "サーバーが利用できないとしてセッションを終了しました",
	[WORDS_FINDING_SERVER_BUSY_EXPLANATION] =
		"{server} は {reply} と応答してセッションを終了しました。サーバーが混雑しているか、停止処理中か、このクライア"
		"ントを制限しています。時間をおいて再試行すれば成功する見込みです。",
	[WORDS_FINDING_SERVER_BUSY_EXPLANATION_GREETING] =
		"{server} は接続に対して {reply} と応答し、セッションを終了しました。サーバーが混雑しているか、停止処理中か、"
		"このクライアントを制限しています。時間をおいて再試行すれば成功する見込みです。",
	[WORDS_FINDING_SERVER_BUSY_CAUSE_1] = "同時接続数が全体またはこのクライアントの上限を超えている",
	[WORDS_FINDING_SERVER_BUSY_CAUSE_2] = "サーバーが再起動中、またはメモリやディスクの空きが不足している",
	[WORDS_FINDING_SERVER_BUSY_CHECK_1] =
		"postconf smtpd_client_connection_count_limit smtpd_client_connection_rate_limit default_process_limit",
	[WORDS_FINDING_SERVER_BUSY_CHECK_2] = "サーバーで df -h、free -m と、その時刻のログを確認する",
	[WORDS_FINDING_EARLY_TALKER_TITLE] = "クライアントがサーバーの応答を待たずに送信しました",
	[WORDS_FINDING_EARLY_TALKER_EXPLANATION] =
		"{client} は、サーバーの最初の応答(グリーティング)より前にコマンドを送信しました。通常のメールソフトは応答を"
		"待ちますが、迷惑メールの送信プログラムは待たないことが多く、そのようなクライアントを拒否するサーバーもありま"
		"す。",
	[WORDS_FINDING_EARLY_TALKER_CAUSE_1] = "迷惑メールの送信プログラム、または応答を読まずに書き込むスクリプト",
	[WORDS_FINDING_EARLY_TALKER_CHECK_1] =
		"{client} で動作しているプログラムを調べる。サーバー側の設定: postconf postscreen_greet_action",
	[WORDS_FINDING_CAPABILITY_MASKED_TITLE] = "サーバーの拡張機能が経路上で書き換えられています",
	[WORDS_FINDING_CAPABILITY_MASKED_EXPLANATION] =
		"サーバーの拡張機能の一覧のうち {count} 件が「{line}」となっています。SMTP を検査するファイアウォール(Cisco "
		"の \"fixup\" や \"inspect esmtp\" など)が、許可していない機能を書き換えています。そのために認証や暗号化が使"
		"えなくなっている可能性があります。",
	[WORDS_FINDING_CAPABILITY_MASKED_TITLE_BANNER] = "サーバーの最初の応答が経路上で書き換えられています",
	[WORDS_FINDING_CAPABILITY_MASKED_EXPLANATION_BANNER] =
		"サーバーの最初の応答(グリーティング)がアスタリスクで書き換えられています。SMTP を検査するファイアウォール(Cisco の "
		"\"fixup\" や \"inspect esmtp\" など)がサーバーを隠しています。認証や暗号化が使えなくなっている可能性があります。",
	[WORDS_FINDING_CAPABILITY_MASKED_CAUSE_1] = "クライアントとサーバーの間のファイアウォールによる SMTP 検査",
	[WORDS_FINDING_CAPABILITY_MASKED_CHECK_1] =
		"ファイアウォールで show service-policy | include esmtp を確認し、no inspect esmtp とするか、ポリシーマップで"
		" allow-tls を設定する",
	[WORDS_FINDING_CAPABILITY_MASKED_CHECK_2] =
		"サーバー上で本来の応答を確認する: swaks --server 127.0.0.1 --quit-after EHLO",
	[WORDS_FINDING_EXTENSION_REFUSED] = " サーバーの応答は {reply} でした。",
	[WORDS_FINDING_EXTENSION_NOT_OFFERED_TITLE] = "提供されていない拡張が使われました",
	[WORDS_FINDING_EXTENSION_NOT_OFFERED_EXPLANATION] = "クライアントはサーバーが提供していない {names} を使いました。",
	[WORDS_FINDING_EXTENSION_NOT_OFFERED_CAUSE_1] = "サーバーの応答にかかわらず使うように設定されている、またはクライアントの不具合",
	[WORDS_FINDING_EXTENSION_NOT_OFFERED_CAUSE_2] = "途中の機器がサーバーの一覧から取り除いた",
	[WORDS_FINDING_EXTENSION_NOT_OFFERED_CHECK_1] = "別の場所から確認する: swaks --server {server} --quit-after EHLO",
	[WORDS_FINDING_EXTENSION_NOT_OFFERED_CHECK_2] = "このサーバーに対するクライアントの設定 (DSN、8BITMIME、CHUNKING)",
	[WORDS_FINDING_PARAMETER_WRONG_TITLE] = "MAIL または RCPT の値に誤りがあります",
	[WORDS_FINDING_PARAMETER_WRONG_EXPLANATION] = "{names} の値が拡張の規定に合わないか、二度指定されています。",
	[WORDS_FINDING_PARAMETER_WRONG_CAUSE_1] = "送信ソフトの不具合",
	[WORDS_FINDING_PARAMETER_WRONG_CHECK_1] = "示したフレームのコマンドを確認する",
	[WORDS_FINDING_LIMIT_EXCEEDED_TITLE] = "サーバーの許す数を超えています",
	[WORDS_FINDING_LIMIT_EXCEEDED_EXPLANATION] = "クライアントはサーバーの上限 {names} (LIMITS) を超えました。",
	[WORDS_FINDING_LIMIT_EXCEEDED_CAUSE_1] = "クライアントが拡張 LIMITS (RFC 9422) に対応していない",
	[WORDS_FINDING_LIMIT_EXCEEDED_CHECK_1] = "クライアントの 1 通あたりの宛先数と 1 接続あたりのメール数の設定",
	[WORDS_FINDING_HELLO_NOT_REPEATED_TITLE] = "クライアントが EHLO を送り直していません",
	[WORDS_FINDING_HELLO_NOT_REPEATED_EXPLANATION] =
		"{names} の後はセッションが最初からやり直しになりますが、クライアントは EHLO を送らずに続けました。サーバーが現在提供する機能をクライアントは知りません。",
	[WORDS_FINDING_HELLO_NOT_REPEATED_CAUSE_1] = "クライアントが RFC 3207 に従っていない",
	[WORDS_FINDING_HELLO_NOT_REPEATED_CHECK_1] = "クライアントのバージョンと既知の不具合を確認する",
	[WORDS_FINDING_CONFLICTING_RETRANSMISSION_TITLE] = "同じ位置のデータが異なる内容で再送されました",
	[WORDS_FINDING_CONFLICTING_RETRANSMISSION_EXPLANATION] =
		"再送されたセグメント {segments} 個の内容が最初のものと異なります。ここに示すのは最初に届いた内容で、相手側は後の内容を"
		"読んだ可能性があります。",
	[WORDS_FINDING_CONFLICTING_RETRANSMISSION_CAUSE_1] = "通信の監視者を欺こうとしている",
	[WORDS_FINDING_CONFLICTING_RETRANSMISSION_CAUSE_2] = "経路上の機器がパケットの一部だけを書き換えている",
	[WORDS_FINDING_CONFLICTING_RETRANSMISSION_CHECK_1] = "Wireshark でセグメントを比較する: tcp.analysis.retransmission、tcp.overlap.conflict",
	[WORDS_FINDING_CONFLICTING_RETRANSMISSION_CHECK_2] = "クライアントとサーバーの間で SMTP を検査する機器(ファイアウォール、ウイルス対策、NAT の ALG)を調べる",
	[WORDS_FINDING_CAPTURE_LOSS_TITLE] = "取得データが完全ではありません",
	[WORDS_FINDING_CAPTURE_LOSS_BYTES] = "このセッションのうち {bytes} バイトが取得されていません。",
	[WORDS_FINDING_CAPTURE_LOSS_BYTES_IN_PLACES] =
		"このセッションのうち {places} か所、{bytes} バイトが取得されていません。",
	[WORDS_FINDING_CAPTURE_LOSS_DROPPED] =
		"このセッションの間に、取得に使ったマシンの処理が追いつかず、全接続で {packets} 個のパケットが失われています。",
	[WORDS_FINDING_CAPTURE_LOSS_START] = "セッションの始まりが取得されていません。",
	[WORDS_FINDING_CAPTURE_LOSS_ONE_DIRECTION] = "片方向の通信だけが取得されています。",
	[WORDS_FINDING_CAPTURE_LOSS_EVICTED] = "メモリ不足のため、セッションの終わりまで追跡していません。",
	[WORDS_FINDING_CAPTURE_LOSS_UNKNOWN] = "次の点は判断できません: {list}。",
	[WORDS_FINDING_CAPTURE_LOSS_OR] = "、",
	[WORDS_FINDING_CAPTURE_LOSS_UNKNOWN_LOGIN] = "クライアントが認証したかどうか",
	[WORDS_FINDING_CAPTURE_LOSS_UNKNOWN_SENT] = "メールを送信したかどうか",
	[WORDS_FINDING_CAPTURE_LOSS_UNKNOWN_MAILS] = "メール {mails} 通の結果",
	[WORDS_FINDING_CAPTURE_LOSS_UNKNOWN_REPLIES] = "一部の応答がどのコマンドに対するものか",
	[WORDS_FINDING_CAPTURE_LOSS_HARMLESS] = "認証とメールについての判断には影響しません。",
	[WORDS_FINDING_CAPTURE_LOSS_CAUSE_1] =
		"取得に使ったマシンの処理能力またはバッファが不足していた、あるいはミラーポートが過負荷だった",
	[WORDS_FINDING_CAPTURE_LOSS_CAUSE_2] =
		"スナップ長でパケットが切り詰められた、またはセッションの途中で取得を開始・終了した",
	[WORDS_FINDING_CAPTURE_LOSS_CHECK_1] =
		"tcpdump -s 0 -B 65536 -w FILE で取得し直し、\"dropped by kernel\" の値を確認する",

	/* ---- Findings: attacks, who does not keep to the protocol, and time ---- */
	[WORDS_FINDING_SMUGGLING_TITLE] = "メッセージの中に別のメールが隠されている可能性があります(SMTP スマグリング)",
	[WORDS_FINDING_SMUGGLING_EXPLANATION] =
		"メッセージの中に、本来の終端ではない {sequence} があり、その後にコマンド {command} が続いています。これを終"
		"端とみなすサーバーは、続く部分を、任意の差出人を名乗る別のメールとして受け取ります。",
	[WORDS_FINDING_SMUGGLING_TAKEN] =
		" {server} はこれを受け入れました。クライアントが求めた数より {replies} 件多く応答しています。",
	[WORDS_FINDING_SMUGGLING_TAKEN_EARLY] =
		" {server} はこれを受け入れました。メッセージの終わりより前に応答しています。",
	[WORDS_FINDING_SMUGGLING_NOT_TAKEN] = " {server} は受け入れていません。求められた数だけ応答しています。",
	[WORDS_FINDING_SMUGGLING_UNKNOWN] = " {server} が受け入れたかどうかは、ここからは判断できません。",
	[WORDS_FINDING_SMUGGLING_CAUSE_1] = "差出人の検査をすり抜けて、他人の名前でメールを送ろうとしている",
	[WORDS_FINDING_SMUGGLING_CAUSE_2] = "サーバーの検査(smtpsmug、SMTP Smuggling Scanner など)",
	[WORDS_FINDING_SMUGGLING_CHECK_1] =
		"サーバーの設定を確認する。Postfix: postconf smtpd_forbid_bare_newline smtpd_data_restrictions (reject_unauth"
		"_pipelining)、Exim: 4.97.1 以降",
	[WORDS_FINDING_SMUGGLING_CHECK_2] = "このセッションで届いたメールを調べ、送信側のログより多くないか確認する",
	[WORDS_FINDING_STARTTLS_INJECTION_TITLE] = "STARTTLS の後に平文のコマンドが送られています",
	[WORDS_FINDING_STARTTLS_INJECTION_EXPLANATION] =
		"{client} は STARTTLS への応答を受け取る前に、平文で {command} を送りました。TLS の開始後にこれを読むサーバー"
		"は、暗号化されたコマンドとして扱います。経路上の第三者がコマンドを差し込むことができます。",
	[WORDS_FINDING_STARTTLS_INJECTION_EXPLANATION_TEXT] =
		"{client} は STARTTLS への応答を受け取る前に、平文のデータを送りました。TLS の開始後にこれを読むサーバーは、"
		"暗号化されたデータとして扱います。経路上の第三者がコマンドを差し込むことができます。",
	[WORDS_FINDING_STARTTLS_INJECTION_CAUSE_1] = "経路上の第三者、またはその検査(CVE-2011-0411)",
	[WORDS_FINDING_STARTTLS_INJECTION_CAUSE_2] = "STARTTLS を含むすべてのコマンドを一度に送るクライアント",
	[WORDS_FINDING_STARTTLS_INJECTION_CHECK_1] =
		"クライアント側でも取得し、このデータを送ったのがクライアントか確認する",
	[WORDS_FINDING_STARTTLS_INJECTION_CHECK_2] =
		"サーバーのバージョンを確認する。Postfix は 2.8 以降で破棄する。修正がより遅いサーバーもある",
	[WORDS_FINDING_RESPONSE_INJECTION_TITLE] = "STARTTLS への応答の後に平文の応答が送られています",
	[WORDS_FINDING_RESPONSE_INJECTION_EXPLANATION] =
		"{server} は STARTTLS への応答の後、クライアントが何も送っていないのに、さらに平文のデータを送りました。TLS "
		"の開始後にこれを読むクライアントは、暗号化された応答として扱います。経路上の第三者がクライアントを欺くことが"
		"できます。",
	[WORDS_FINDING_RESPONSE_INJECTION_CAUSE_1] = "経路上の第三者が応答を差し込んでいる",
	[WORDS_FINDING_RESPONSE_INJECTION_CAUSE_2] = "サーバーまたはプロキシが応答の数を誤っている",
	[WORDS_FINDING_RESPONSE_INJECTION_CHECK_1] = "サーバー側でも取得し、このデータを送ったのがサーバーか確認する",
	[WORDS_FINDING_RESPONSE_INJECTION_CHECK_2] = "メールソフトが最新か確認する(https://nostarttls.secvuln.info/ を参照)",
	[WORDS_FINDING_HEADER_INJECTION_TITLE] = "アドレスまたは引数に改行が隠されています",
	[WORDS_FINDING_HEADER_INJECTION_EXPLANATION] =
		"{client} は、引数に改行または制御文字(そのまま、または符号化したもの)を含むコマンドを {commands} 個送りまし"
		"た。最初のものは {command} {argument} です。後でこれを復号するプログラムは、別のコマンドやヘッダー行を送るこ"
		"とになります。",
	[WORDS_FINDING_HEADER_INJECTION_CAUSE_1] = "入力を検査せずに渡すウェブフォームが悪用されている",
	[WORDS_FINDING_HEADER_INJECTION_CAUSE_2] = "行の組み立てを誤るプログラム",
	[WORDS_FINDING_HEADER_INJECTION_CHECK_1] = "{client} で動作しているプログラムと、アドレスの入力元を調べる",
	[WORDS_FINDING_NOT_SMTP_TITLE] = "SMTP ではない通信です",
	[WORDS_FINDING_NOT_SMTP_EXPLANATION] = "{client} は {server} に対して SMTP ではなく{protocol}を送っています。",
	[WORDS_FINDING_NOT_SMTP_EXPLANATION_SERVER] = "{server} は SMTP ではなく{protocol}を送っています。",
	[WORDS_FINDING_NOT_SMTP_EXPLANATION_TLS] =
		"クライアントは最初のバイトから TLS を始めましたが、{server} は平文で応答しています。ポート {port} では、最初"
		"の応答の後に STARTTLS で TLS を始めます。",
	[WORDS_FINDING_NOT_SMTP_BINARY] = "テキストではないデータ",
	[WORDS_FINDING_NOT_SMTP_UNKNOWN] = "不明なデータ",
	[WORDS_FINDING_NOT_SMTP_COMMANDS] =
		" それでも続けて SMTP コマンドが {commands} 個送られています。ウェブブラウザーやほかのサーバーを踏み台にして"
		"メールを送ろうとしている可能性があります。",
	[WORDS_FINDING_NOT_SMTP_CAUSE_1] = "ポートに合わない暗号化方式の設定(「STARTTLS」ではなく「SSL/TLS」)",
	[WORDS_FINDING_NOT_SMTP_CAUSE_2] = "すべてのポートを試すスキャナー、またはポートの設定を誤ったプログラム",
	[WORDS_FINDING_NOT_SMTP_CAUSE_3] = "このポートで別のサービスが待ち受けている",
	[WORDS_FINDING_NOT_SMTP_CHECK_1] = "メールソフトの設定を確認する。ポート 587 では STARTTLS、ポート 465 では SSL/TLS",
	[WORDS_FINDING_NOT_SMTP_CHECK_2] = "サーバーで確認する: ss -ltnp | grep :{port}",
	[WORDS_FINDING_PIPELINING_VIOLATION_TITLE] = "クライアントが応答を待たずに送信しています",
	[WORDS_FINDING_PIPELINING_VIOLATION_EXPLANATION] =
		"{client} は、サーバーが PIPELINING を提供していないのに、前のコマンドへの応答を待たずにコマンドを {commands}"
		" 個送りました。",
	[WORDS_FINDING_PIPELINING_VIOLATION_EXPLANATION_EARLY] =
		"{client} は、サーバーが PIPELINING を認めるかどうかを示す前に、応答を待たずにコマンドを {commands} 個送りま"
		"した。",
	[WORDS_FINDING_PIPELINING_VIOLATION_CAUSE_1] = "応答を読まずに書き込むスクリプト、または迷惑メールの送信プログラム",
	[WORDS_FINDING_PIPELINING_VIOLATION_CHECK_1] =
		"{client} で動作しているプログラムを調べる。サーバー側の設定: postconf smtpd_data_restrictions (reject_unauth"
		"_pipelining)",
	[WORDS_FINDING_COMMANDS_AFTER_QUIT_TITLE] = "QUIT の後にコマンドが送られています",
	[WORDS_FINDING_COMMANDS_AFTER_QUIT_EXPLANATION] =
		"{client} は QUIT の後にコマンドを {commands} 個送りました。最初のものは {command} です。QUIT でセッションは"
		"終わるため、サーバーはこれを読みません。",
	[WORDS_FINDING_COMMANDS_AFTER_QUIT_EXPLANATION_TEXT] =
		"{client} は QUIT の後に {commands} 行を送りました。QUIT でセッションは終わるため、サーバーはこれを読みません"
		"。",
	[WORDS_FINDING_COMMANDS_AFTER_QUIT_CAUSE_1] =
		"応答を読まずに書き込むスクリプト、または 2 つのセッションを 1 つにまとめるプロキシ",
	[WORDS_FINDING_COMMANDS_AFTER_QUIT_CHECK_1] = "{client} で動作しているプログラムを調べる",
	[WORDS_FINDING_BARE_NEWLINE_TITLE] = "正しくない改行があります",
	[WORDS_FINDING_BARE_NEWLINE_LINES] = "対話の {lines} 行が CR LF ではなく LF だけで終わっています。",
	[WORDS_FINDING_BARE_NEWLINE_RETURNS] = "対話の行の中に、LF を伴わない CR が {returns} 個あります。",
	[WORDS_FINDING_BARE_NEWLINE_BODY_LF] = "メッセージの中に、CR を伴わない LF が {lf} 個あります。",
	[WORDS_FINDING_BARE_NEWLINE_BODY_CR] = "メッセージの中に、LF を伴わない CR が {cr} 個あります。",
	[WORDS_FINDING_BARE_NEWLINE_END] =
		" 解釈はサーバーによって異なります。メールの中に別のメールを隠す手口に使われるため、拒否するサーバーもありま"
		"す。",
	[WORDS_FINDING_BARE_NEWLINE_CAUSE_1] = "ファイルの内容をそのまま送るスクリプトや機器",
	[WORDS_FINDING_BARE_NEWLINE_CHECK_1] =
		"{client} で動作しているプログラムを調べる。Postfix: postconf smtpd_forbid_bare_newline",
	[WORDS_FINDING_NUL_BYTE_TITLE] = "NUL バイトがあります",
	[WORDS_FINDING_NUL_BYTE_EXPLANATION] =
		"対話の {lines} 行とメッセージの {bytes} バイトに NUL があります。NUL は許されていません。行の終わりとみなす"
		"プログラムも、読み捨てるプログラムもあります。",
	[WORDS_FINDING_NUL_BYTE_EXPLANATION_LINES] =
		"対話の {lines} 行に NUL バイトがあります。NUL は許されていません。行の終わりとみなすプログラムも、読み捨てる"
		"プログラムもあります。",
	[WORDS_FINDING_NUL_BYTE_EXPLANATION_BODIES] =
		"メッセージに NUL が {bytes} バイトあります。NUL は許されていません。行の終わりとみなすプログラムも、読み捨て"
		"るプログラムもあります。",
	[WORDS_FINDING_NUL_BYTE_CAUSE_1] = "UTF-16 の文章や、符号化していないファイルを送るプログラム",
	[WORDS_FINDING_NUL_BYTE_CAUSE_2] = "2 つのプログラムに同じデータを異なる形で読ませようとしている",
	[WORDS_FINDING_NUL_BYTE_CHECK_1] = "{client} で動作しているプログラムを調べる",
	[WORDS_FINDING_LINE_TOO_LONG_TITLE] = "規定より長い行があります",
	[WORDS_FINDING_LINE_TOO_LONG_LINES] =
		"RFC 5321 の上限を超えるコマンドまたは応答が {lines} 行あります。最も長いものは {bytes} バイトです。",
	[WORDS_FINDING_LINE_TOO_LONG_MESSAGES] =
		"1,000 バイトを超える行のあるメッセージが {messages} 通あります。最も長い行は {bytes} バイトです。サーバーが"
		"行を分割すると、署名(DKIM)が無効になることがあります。",
	[WORDS_FINDING_LINE_TOO_LONG_CAUSE_1] = "行を折り返さないプログラム",
	[WORDS_FINDING_LINE_TOO_LONG_CAUSE_2] = "バッファーの大きさの不足を探る検査",
	[WORDS_FINDING_LINE_TOO_LONG_CHECK_1] =
		"{client} で動作しているプログラムを調べる。Postfix: postconf line_length_limit smtp_line_length_limit",
	[WORDS_FINDING_SLOW_REPLY_TITLE] = "サーバーの応答に時間がかかっています",
	[WORDS_FINDING_SLOW_REPLY_TITLE_NONE] = "クライアントは応答を得られないまま終了しました",
	[WORDS_FINDING_SLOW_REPLY_EXPLANATION] = "{server} は{asked}への応答に {seconds} 秒かかりました。",
	[WORDS_FINDING_SLOW_REPLY_EXPLANATION_NONE] =
		"{server} は、セッションが終わるまでの {seconds} 秒間、{asked}に応答しませんでした。",
	[WORDS_FINDING_SLOW_REPLY_MORE] = " ほかに {count} 件の応答も遅れています。",
	[WORDS_FINDING_SLOW_REPLY_RFC] = " RFC 5321 では、クライアントは {minutes} 分で待つのをやめてよいとされています。",
	[WORDS_FINDING_SLOW_REPLY_GREETING] = "接続",
	[WORDS_FINDING_SLOW_REPLY_BODY] = "メッセージ",
	[WORDS_FINDING_SLOW_REPLY_AUTH] = "認証",
	[WORDS_FINDING_SLOW_REPLY_COMMAND] = "コマンド",
	[WORDS_FINDING_SLOW_REPLY_CAUSE_1] =
		"サーバー自身が何かを待っている(DNS、ブロックリスト、ディレクトリー、ほかのサーバー)",
	[WORDS_FINDING_SLOW_REPLY_CAUSE_2] = "クライアントを待たせたまま、迷惑メールやウイルスの検査をしている",
	[WORDS_FINDING_SLOW_REPLY_CAUSE_3] = "サーバーが過負荷である、または信用しないクライアントを遅らせている",
	[WORDS_FINDING_SLOW_REPLY_CHECK_1] =
		"その時刻のサーバーのログで、時間のかかっている処理を調べる。サーバーで dig -x {client} を試す",
	[WORDS_FINDING_SLOW_REPLY_CHECK_2] =
		"メールソフトの待ち時間の設定(Outlook: サーバーのタイムアウト、Thunderbird: mailnews.tcptimeout)",
	[WORDS_FINDING_TARPIT_TITLE] = "サーバーが意図的にクライアントを遅らせています",
	[WORDS_FINDING_TARPIT_DRIP] = "{server} は {replies} 件の応答を、間を置きながら少しずつ送りました。",
	[WORDS_FINDING_TARPIT_DELAYS] =
		"{server} は、処理を要しない応答 {replies} 件を、合わせて {seconds} 秒遅らせました。",
	[WORDS_FINDING_TARPIT_GROWING] = " 遅れは次第に長くなっています。",
	[WORDS_FINDING_TARPIT_END] = " 迷惑メールの送信元とみなしたクライアントに対する扱いです。",
	[WORDS_FINDING_TARPIT_CAUSE_1] =
		"クライアントがブロックリストに載っている、誤りを重ねた、または未知のクライアントすべてに対する設定である",
	[WORDS_FINDING_TARPIT_CAUSE_2] = "サーバーの過負荷や DNS の遅れでも同じように見える",
	[WORDS_FINDING_TARPIT_CHECK_1] = "{client} がリストに載っていないか確認する: https://check.spamhaus.org/",
	[WORDS_FINDING_TARPIT_CHECK_2] =
		"サーバーの設定を確認する。postconf smtpd_error_sleep_time smtpd_soft_error_limit、Exim: ACL の delay、spamd",

	/* ---- Findings: logging in ---- */
	[WORDS_FINDING_AUTH_REJECTED_TITLE] = "認証が拒否されました",
	[WORDS_FINDING_AUTH_REJECTED_ONE] = "サーバーは{users} の認証{mechanisms} {count} 回を {reply} で拒否しました。",
	[WORDS_FINDING_AUTH_REJECTED_EACH] =
		"サーバーは{users} の認証{mechanisms} {count} 回を、いずれも {reply} で拒否しました。",
	[WORDS_FINDING_AUTH_REJECTED_FIRST] =
		"サーバーは{users} の認証{mechanisms} {count} 回を拒否しました。最初の応答は {reply} です。",
	[WORDS_FINDING_AUTH_REJECTED_ACCEPTED] = "同じセッションで別の認証は成功しています。",
	[WORDS_FINDING_AUTH_REJECTED_NOT_OFFERED] = "成功した認証はありません。サーバーはこの認証方式を提供していません。",
	[WORDS_FINDING_AUTH_REJECTED_GUESSING] =
		"成功した認証はありません。1 つのセッションでの回数としては多く、パスワードの総当たりと考えられます。",
	[WORDS_FINDING_AUTH_REJECTED_WRONG] =
		"成功した認証はありません。ユーザー名またはパスワードが誤っているか、このサーバーにユーザーが登録されていませ"
		"ん。",
	[WORDS_FINDING_AUTH_REJECTED_TOKEN] =
		"成功した認証はありません。アクセストークンの期限が切れているか、このサーバーで有効でないか、このユーザーのものではありません。"
		"パスワードは送信されていません。",
	[WORDS_FINDING_AUTH_REJECTED_TOKEN_CAUSE] =
		"アクセストークンの期限が切れたか取り消され、メールソフトが新しいものを取得していない",
	[WORDS_FINDING_AUTH_REJECTED_TOKEN_CHECK] =
		"メールソフトでアカウントにサインインし直す。プロバイダー側で、そのソフトにこのユーザーの送信がまだ許可されているか確認する",
	[WORDS_FINDING_AUTH_REJECTED_BINDING] =
		"成功した認証はありません。クライアントとサーバーが見ている TLS 接続が同じものではありません。パスワードの正誤はこれでは分かり"
		"ません。",
	[WORDS_FINDING_AUTH_REJECTED_BINDING_CAUSE] =
		"途中のプロキシやウイルス対策ソフトが TLS をいったん終端して張り直している、またはその方法で盗聴されている",
	[WORDS_FINDING_AUTH_REJECTED_BINDING_CHECK] =
		"クライアントから見える証明書がサーバーのものか: openssl s_client -connect {server} (ポート 465 以外では -starttls smtp も付け"
		"る)",
	[WORDS_FINDING_AUTH_REJECTED_ERROR] = " サーバーが示した理由: {error}。",
	[WORDS_FINDING_AUTH_REJECTED_CAUSE_1] =
		"メールソフトのユーザー名またはパスワードの誤り(以前は送信できていた場合は、次の原因を疑う)",
	[WORDS_FINDING_AUTH_REJECTED_CAUSE_2] =
		"応答しているサーバーのアカウントデータベースが以前と異なり、このユーザーが登録されていない",
	[WORDS_FINDING_AUTH_REJECTED_CAUSE_3] =
		"アカウントがロックまたは期限切れになっている、またはアプリパスワードが必要である",
	[WORDS_FINDING_AUTH_REJECTED_CHECK_1] =
		"サーバーで試す: doveadm auth test USER (Dovecot)、または testsaslauthd -u USER -p PASSWORD (Cyrus SASL)",
	[WORDS_FINDING_AUTH_REJECTED_CHECK_2] =
		"参照しているデータベースを確認する: postconf smtpd_sasl_type smtpd_sasl_path",
	[WORDS_FINDING_AUTH_REJECTED_CHECK_3] =
		"別の場所から試す: swaks --to ADDRESS --server {server} --auth --auth-user USER",
	[WORDS_FINDING_AUTH_TEMPORARY_FAILURE_TITLE] = "サーバーが認証を確認できませんでした",
	[WORDS_FINDING_AUTH_TEMPORARY_FAILURE_EXPLANATION] =
		"サーバーは認証{mechanisms} {count} 回を確認できず、{reply} と応答しました。パスワードの正否を示すものではな"
		"く、サーバーがユーザーを照会する仕組みに一時的な障害が起きています。",
	[WORDS_FINDING_AUTH_TEMPORARY_FAILURE_CAUSE_1] =
		"パスワードを照合するサービスが停止している(Dovecot、saslauthd、LDAP、SQL、RADIUS)",
	[WORDS_FINDING_AUTH_TEMPORARY_FAILURE_CAUSE_2] =
		"認証の失敗が多すぎるため、一定時間この応答を返している(サーバーによる)",
	[WORDS_FINDING_AUTH_TEMPORARY_FAILURE_CHECK_1] =
		"systemctl status dovecot saslauthd、ls -l $(postconf -h queue_directory)/private/auth",
	[WORDS_FINDING_AUTH_TEMPORARY_FAILURE_CHECK_2] =
		"サーバーで doveadm auth test USER を実行し、ログの \"SASL\" の行を確認する",
	[WORDS_FINDING_AUTH_NEEDS_TLS_TITLE] = "認証の前に暗号化が必要です",
	[WORDS_FINDING_AUTH_NEEDS_TLS_EXPLANATION] =
		"サーバーは {command} に対して {reply} と応答しました。暗号化された接続でのみ認証を受け付けます。メールソフト"
		"で TLS を使うように設定する必要があります。",
	[WORDS_FINDING_AUTH_NEEDS_TLS_CAUSE_1] = "メールソフトの送信サーバーの設定で暗号化が無効になっている",
	[WORDS_FINDING_AUTH_NEEDS_TLS_CHECK_1] =
		"Outlook: 詳細設定 > 詳細設定タブ > 暗号化接続の種類を TLS、ポート 587、Thunderbird: 送信 (SMTP) サーバー > "
		"接続の保護を STARTTLS にする",
	[WORDS_FINDING_AUTH_NEEDS_TLS_CHECK_2] = "試す: swaks --to ADDRESS --server {server} --tls --auth",
	[WORDS_FINDING_AUTH_NEEDS_TLS_CHECK_3] = "サーバーで確認する: postconf smtpd_tls_auth_only",
	[WORDS_FINDING_AUTH_PASSWORD_TRANSITION_NEEDED_TITLE] = "一度だけパスワードそのものでの認証が必要です",
	[WORDS_FINDING_AUTH_PASSWORD_TRANSITION_NEEDED_EXPLANATION] =
		"{users}の認証{mechanisms}を確認するための情報がサーバーになく、{reply} と応答しました。TLS を使い、パスワードそのもの (PLAIN または LOGIN) で一度認証すれば使えるようになります。",
	[WORDS_FINDING_AUTH_PASSWORD_TRANSITION_NEEDED_CAUSE_1] = "パスワードデータベースの形式が変わった、またはユーザーが新しく追加された",
	[WORDS_FINDING_AUTH_PASSWORD_TRANSITION_NEEDED_CHECK_1] = "TLS を使い「通常のパスワード認証」で一度ログインしてもらう",
	[WORDS_FINDING_AUTH_PASSWORD_TRANSITION_NEEDED_CHECK_2] = "サーバーでこの方式に使える形式でパスワードを設定し直す",
	[WORDS_FINDING_AUTH_MECHANISM_TOO_WEAK_TITLE] = "この認証方式はこのユーザーには弱すぎます",
	[WORDS_FINDING_AUTH_MECHANISM_TOO_WEAK_EXPLANATION] =
		"サーバーは{users}のこの方式の認証{mechanisms}を受け付けず、{reply} と応答しました。より強い方式が必要です。パスワードの正否を示すものではありません。",
	[WORDS_FINDING_AUTH_MECHANISM_TOO_WEAK_CAUSE_1] = "アカウントに OAuth、二段階認証、またはアプリパスワードが必要である",
	[WORDS_FINDING_AUTH_MECHANISM_TOO_WEAK_CAUSE_2] = "サーバーがこのユーザーに平文のパスワードを認めていない",
	[WORDS_FINDING_AUTH_MECHANISM_TOO_WEAK_CHECK_1] = "メールソフトで別の認証方式 (OAuth2、暗号化されたパスワード) またはアプリパスワードを使う",
	[WORDS_FINDING_AUTH_MECHANISM_TOO_WEAK_CHECK_2] = "サーバーまたは提供者で、アカウントに許された方式を確認する",
	[WORDS_FINDING_AUTH_SYNTAX_TITLE] = "サーバーが認証のコマンドを受け付けません",
	[WORDS_FINDING_AUTH_SYNTAX_EXPLANATION] =
		"サーバーは認証{mechanisms} {count} 回を受け付けず、{reply} と応答しました。{why}。パスワードの正否を示すものではありません。",
	[WORDS_FINDING_AUTH_SYNTAX_WHY_MALFORMED] = "クライアントの送った内容を理解できませんでした",
	[WORDS_FINDING_AUTH_SYNTAX_WHY_NOT_AVAILABLE] = "ここでは認証を提供していません",
	[WORDS_FINDING_AUTH_SYNTAX_WHY_MECHANISM] = "この方式を提供していません",
	[WORDS_FINDING_AUTH_SYNTAX_WHY_AGAIN] = "すでに認証済みです",
	[WORDS_FINDING_AUTH_SYNTAX_WHY_DURING_MAIL] = "メールの送信中に認証はできません",
	[WORDS_FINDING_AUTH_SYNTAX_WHY_NOT_NOW] = "ここでは、またはこの時点では認証できません",
	[WORDS_FINDING_AUTH_SYNTAX_CAUSE_1] = "メールソフト、または途中の機器の不具合",
	[WORDS_FINDING_AUTH_SYNTAX_CAUSE_2] = "このポートでの認証がサーバーに設定されていない",
	[WORDS_FINDING_AUTH_SYNTAX_CHECK_1] = "試す: swaks --to ADDRESS --server {server} --auth",
	[WORDS_FINDING_AUTH_SYNTAX_CHECK_2] = "サーバーで確認する: postconf smtpd_sasl_auth_enable、およびログ",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_TITLE] = "サーバーが提供していない認証方式です",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_EXPLANATION] =
		"クライアントは {mechanism} で認証を試みました{others}が、サーバーが提供している方式は {offered} です",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_EXPLANATION_NONE] =
		"クライアントは {mechanism} で認証を試みました{others}が、サーバーはここでは認証を提供していません",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_OTHERS] = "(ほか {count} 回)",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_END] = "。",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_END_ANSWERED] = "。サーバーの応答は {reply} でした。",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_END_ACCEPTED] = "。それでも認証は受け入れられました。",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_CAUSE_1] =
		"メールソフトで認証方式が固定されている(「セキュリティで保護されたパスワード認証」、「暗号化されたパスワード"
		"認証」)",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_CAUSE_2] = "通常とは別のサーバーが応答しており、認証方式が異なる",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_CHECK_1] =
		"Outlook: SPA を無効にする、Thunderbird: 認証方式を「通常のパスワード認証」にする(TLS と併用)",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_CHECK_2] =
		"サーバーで確認する: postconf smtpd_sasl_security_options、doveconf auth_mechanisms",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_TITLE] = "サブミッションサーバーが認証を提供していません",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_EXPLANATION] =
		"{server} はサブミッションポートですが、拡張機能の一覧に認証がなく、認証の前提となる暗号化もありません。認証"
		"を行う設定のメールソフトはここから送信できません。",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_EXPLANATION_TLS] =
		"{server} はサブミッションポートですが、暗号化の後も拡張機能の一覧に認証がありません。認証を行う設定のメール"
		"ソフトはここから送信できません。",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_CAUSE_1] =
		"このサービスで SASL が有効になっていない(Postfix: smtpd_sasl_auth_enable)",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_CAUSE_2] =
		"パスワードを照合するサービスが停止している、またはファイアウォールが認証の提示を取り除いている",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_CHECK_1] =
		"postconf -M submission/inet、postconf smtpd_sasl_auth_enable smtpd_tls_auth_only "
		"smtpd_sasl_exceptions_networks",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_CHECK_2] =
		"クライアントとサーバー上の両方で試す: swaks --server {server} --quit-after EHLO",
	[WORDS_FINDING_AUTH_CLEARTEXT_TITLE] = "パスワードが暗号化されずに送信されました",
	[WORDS_FINDING_AUTH_CLEARTEXT_TITLE_TOKEN] = "アクセストークンが暗号化されずに送信されました",
	[WORDS_FINDING_AUTH_CLEARTEXT_EXPLANATION] =
		"クライアントは{user}パスワードを、暗号化されていない接続で AUTH {mechanism} により送信しました{logins}。パケ"
		"ットを見ることができる人なら誰でも読み取れます{starttls}。",
	[WORDS_FINDING_AUTH_CLEARTEXT_EXPLANATION_TOKEN] =
		"クライアントは{user}アクセストークンを、暗号化されていない接続で AUTH {mechanism} により送信しました"
		"{logins}。パケットを見ることができる人なら誰でも読み取れます{starttls}。",
	[WORDS_FINDING_AUTH_CLEARTEXT_USER] = "ユーザー {user} の",
	[WORDS_FINDING_AUTH_CLEARTEXT_LOGINS] = "(合計 {count} 回)",
	[WORDS_FINDING_AUTH_CLEARTEXT_STARTTLS] = "(サーバーは暗号化 (STARTTLS) を提供しています)",
	[WORDS_FINDING_AUTH_CLEARTEXT_CAUSE_1] = "メールソフトで暗号化が無効、または「可能な場合のみ」に設定されている",
	[WORDS_FINDING_AUTH_CLEARTEXT_CAUSE_2] = "サーバーが暗号化なしの認証を許可している",
	[WORDS_FINDING_AUTH_CLEARTEXT_CHECK_1] =
		"サーバーで確認する: postconf smtpd_tls_auth_only (yes)、doveconf disable_plaintext_auth (yes)",
	[WORDS_FINDING_AUTH_CLEARTEXT_CHECK_2] =
		"メールソフトで 587 番(STARTTLS)または 465 番(TLS)を使うようにし、そのうえでパスワードを変更する",
	[WORDS_FINDING_STARTTLS_REFUSED_TITLE] = "サーバーが暗号化を拒否しました",
	[WORDS_FINDING_STARTTLS_REFUSED_EXPLANATION] =
		"クライアントが暗号化 (STARTTLS) を要求しましたが、サーバーは {reply} と応答しました。{why}{clear}",
	[WORDS_FINDING_STARTTLS_REFUSED_CODE_NOT_NOW] = "TLS が一時的に利用できないという意味です。",
	[WORDS_FINDING_STARTTLS_REFUSED_CODE_SYNTAX] = "コマンドの書式が誤っているという意味です(STARTTLS にパラメーターはありません)。",
	[WORDS_FINDING_STARTTLS_REFUSED_CODE_UNKNOWN] = "提示内容にかかわらず、サーバーがこのコマンドを知らないという意味です。",
	[WORDS_FINDING_STARTTLS_REFUSED_CODE_SEQUENCE] = "コマンドの順序が誤っているという意味です。",
	[WORDS_FINDING_STARTTLS_REFUSED_CODE_POLICY] = "サーバーが恒久的に拒否しているという意味です。",
	[WORDS_FINDING_STARTTLS_REFUSED_CLEAR] = "クライアントはそのまま暗号化せずにメールを送信しました。",
	[WORDS_FINDING_STARTTLS_REFUSED_CAUSE_1] = "サーバーの証明書または秘密鍵を読み込めない、または誤りがある",
	[WORDS_FINDING_STARTTLS_REFUSED_CAUSE_2] =
		"サーバーで TLS が設定されていない、または途中のファイアウォールが通していない",
	[WORDS_FINDING_STARTTLS_REFUSED_CHECK_1] =
		"postconf smtpd_tls_security_level smtpd_tls_cert_file smtpd_tls_key_file と、ログの \"TLS\" の行を確認する",
	[WORDS_FINDING_STARTTLS_REFUSED_CHECK_2] = "試す: openssl s_client -starttls smtp -connect {server}",
	[WORDS_FINDING_STARTTLS_NOT_USED_TITLE] = "暗号化が提供されていますが使われていません",
	[WORDS_FINDING_STARTTLS_NOT_USED_EXPLANATION] =
		"サーバーは暗号化 (STARTTLS) を提供していますが、クライアントは使わず、{what}を暗号化せずに送信しました。",
	[WORDS_FINDING_STARTTLS_NOT_USED_WHAT_LOGINS] = "認証 {logins} 回",
	[WORDS_FINDING_STARTTLS_NOT_USED_WHAT_MAILS] = "メール {mails} 通",
	[WORDS_FINDING_STARTTLS_NOT_USED_WHAT_BOTH] = "認証 {logins} 回とメール {mails} 通",
	[WORDS_FINDING_STARTTLS_NOT_USED_CAUSE_1] = "メールソフトで暗号化が無効になっている",
	[WORDS_FINDING_STARTTLS_NOT_USED_CHECK_1] =
		"メールソフトでは接続の保護を STARTTLS にする。サーバー間では postconf smtp_tls_security_level (may) を確認す"
		"る",
	[WORDS_FINDING_STARTTLS_IN_CLEAR_TITLE] = "暗号化に合意したのに始まっていません",
	[WORDS_FINDING_STARTTLS_IN_CLEAR_EXPLANATION_CLIENT] =
		"サーバーは暗号化に同意しましたが (STARTTLS に 220)、クライアントは暗号化せずに続けました。",
	[WORDS_FINDING_STARTTLS_IN_CLEAR_EXPLANATION_SERVER] =
		"サーバーは暗号化に同意しましたが (STARTTLS に 220)、クライアントが暗号化を始めると、暗号化せずに応答しました。",
	[WORDS_FINDING_STARTTLS_IN_CLEAR_CAUSE_1] = "クライアントまたはサーバーの不具合で、暗号化しているつもりになっている",
	[WORDS_FINDING_STARTTLS_IN_CLEAR_CAUSE_2] = "途中のプロキシやファイアウォールがサーバーの代わりに STARTTLS に応答している",
	[WORDS_FINDING_STARTTLS_IN_CLEAR_CHECK_1] =
		"サーバー自身とクライアントの両方で試す: openssl s_client -starttls smtp -connect {server}",

	/* ---- Findings: TLS ---- */
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_TITLE] = "暗号化を開始できませんでした",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_EXPLANATION_CLIENT] =
		"TLS ハンドシェイクが失敗しました。クライアントがアラート {alert} で中止しました。",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_EXPLANATION_SERVER] =
		"TLS ハンドシェイクが失敗しました。サーバーがアラート {alert} で中止しました。",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_EXPLANATION_CLOSED] = "TLS ハンドシェイクが失敗しました。完了する前に接続が終了しました。",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_CAUSE_1] =
		"クライアントがサーバーの証明書を信頼していない (unknown_ca、bad_certificate、certificate_expired)",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_CAUSE_2] =
		"共通の TLS バージョンまたは暗号スイートがない (protocol_version、handshake_failure、insufficient_security)",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_CAUSE_3] = "サーバーに使える証明書または秘密鍵がない (handshake_failure)",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_CHECK_1] =
		"試す: openssl s_client -connect {server}(465 番以外では -starttls smtp を付ける)。最後の行に原因が出る",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_CHECK_2] = "サーバーで、その時刻のメールログの \"TLS\" と \"SSL\" の行を確認する",
	[WORDS_FINDING_TLS_CERTIFICATE_EXPIRED_TITLE] = "サーバーの証明書の有効期限が切れています",
	[WORDS_FINDING_TLS_CERTIFICATE_EXPIRED_EXPLANATION] = "サーバーの証明書 ({subject}) の有効期限は {until} まででした。",
	[WORDS_FINDING_TLS_CERTIFICATE_EXPIRED_CAUSE_1] = "証明書が更新されていない",
	[WORDS_FINDING_TLS_CERTIFICATE_EXPIRED_CAUSE_2] = "更新済みだが、メールサーバーが再読み込みされず古い証明書を使っている",
	[WORDS_FINDING_TLS_CERTIFICATE_EXPIRED_CHECK_1] =
		"サーバーで確認する: postconf smtpd_tls_cert_file smtpd_tls_chain_files と、そのファイルの openssl x509 -enddate",
	[WORDS_FINDING_TLS_CERTIFICATE_EXPIRED_CHECK_2] = "更新後に再読み込みする: postfix reload、doveadm reload",
	[WORDS_FINDING_TLS_CERTIFICATE_NOT_YET_VALID_TITLE] = "サーバーの証明書はまだ有効ではありません",
	[WORDS_FINDING_TLS_CERTIFICATE_NOT_YET_VALID_EXPLANATION] = "サーバーの証明書 ({subject}) は {from} から有効です。",
	[WORDS_FINDING_TLS_CERTIFICATE_NOT_YET_VALID_CAUSE_1] = "発行側またはキャプチャした機器の時計がずれている",
	[WORDS_FINDING_TLS_CERTIFICATE_NOT_YET_VALID_CAUSE_2] = "証明書が早く設置されすぎた",
	[WORDS_FINDING_TLS_CERTIFICATE_NOT_YET_VALID_CHECK_1] = "時計を確認する: timedatectl。証明書を確認する: openssl x509 -startdate",
	[WORDS_FINDING_TLS_CERTIFICATE_NAME_MISMATCH_TITLE] = "証明書が別の名前のものです",
	[WORDS_FINDING_TLS_CERTIFICATE_NAME_MISMATCH_EXPLANATION] =
		"クライアントは {host} を求めましたが、サーバーの証明書は {names} のものです。",
	[WORDS_FINDING_TLS_CERTIFICATE_NAME_MISMATCH_CAUSE_1] = "メールソフトの設定が、証明書にあるのとは別のサーバー名になっている",
	[WORDS_FINDING_TLS_CERTIFICATE_NAME_MISMATCH_CAUSE_2] =
		"その名前が別のサーバーを指している、またはサーバーが多くの名前に一つの証明書しか持たない",
	[WORDS_FINDING_TLS_CERTIFICATE_NAME_MISMATCH_CHECK_1] = "メールソフトで送信サーバーの名前を確認する",
	[WORDS_FINDING_TLS_CERTIFICATE_NAME_MISMATCH_CHECK_2] =
		"サーバーで確認する: postconf tls_server_sni_maps smtpd_tls_chain_files。すべての名前を持つ証明書 (subjectAltName) にする",
	[WORDS_FINDING_TLS_CERTIFICATE_SELF_SIGNED_TITLE] = "サーバーの証明書が自己署名です",
	[WORDS_FINDING_TLS_CERTIFICATE_SELF_SIGNED_EXPLANATION] =
		"サーバーの証明書 ({subject}) は自身の鍵で署名されています。信頼するよう設定されていないメールソフトは、警告するか拒否します。",
	[WORDS_FINDING_TLS_CERTIFICATE_SELF_SIGNED_CAUSE_1] = "インストール時の証明書が置き換えられていない",
	[WORDS_FINDING_TLS_CERTIFICATE_SELF_SIGNED_CAUSE_2] = "途中の機器が自分の証明書を提示している",
	[WORDS_FINDING_TLS_CERTIFICATE_SELF_SIGNED_CHECK_1] =
		"サーバーで確認する: postconf smtpd_tls_cert_file smtpd_tls_chain_files。SHA-256 を openssl x509 -fingerprint -sha256 と比べる",
	[WORDS_FINDING_TLS_VERSION_WEAK_TITLE] = "古いバージョンの TLS です",
	[WORDS_FINDING_TLS_VERSION_WEAK_EXPLANATION] =
		"クライアントとサーバーは {version} に合意しましたが、もはや安全とはみなされていません (RFC 8996)。",
	[WORDS_FINDING_TLS_VERSION_WEAK_SERVER] = "クライアントは {version} を提示しているので、新しい版を知らないのはサーバーです。",
	[WORDS_FINDING_TLS_VERSION_WEAK_CLIENT] = "クライアントはこれより新しい版を提示していません。",
	[WORDS_FINDING_TLS_VERSION_WEAK_CAUSE_1] = "古いメールソフト、OS、または機器(スキャナー、警報装置など)",
	[WORDS_FINDING_TLS_VERSION_WEAK_CAUSE_2] = "古いサーバー、または古い版に設定されたサーバー",
	[WORDS_FINDING_TLS_VERSION_WEAK_CHECK_1] = "サーバーで確認する: postconf smtpd_tls_protocols (>=TLSv1.2)",
	[WORDS_FINDING_TLS_VERSION_WEAK_CHECK_2] = "クライアント {client} に更新があるか確認する",

	/* ---- Findings: mails ---- */
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_TITLE] = "メールが認証なしで送信されました",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_TITLE_ACCEPTED] = "メールが認証なしで受け付けられました",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_TITLE_AFTER_REJECTED] = "認証が拒否された後、メールが認証なしで受け付けられました",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_EXPLANATION] =
		"クライアントは、サーバーが {offered} を提供しているにもかかわらず、差出人 {sender} のメールを認証せずに送信"
		"{outcome}{mails}。",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_EXPLANATION_AFTER_REJECTED] =
		"クライアントは、{user}認証が拒否 ({code}) された後、差出人 {sender} のメールを認証せずに送信"
		"{outcome}{mails}。",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_USER] = "ユーザー {user} の",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_OUTCOME_ACCEPTED] = "し、サーバーはこれを受け付けました",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_OUTCOME_REFUSED] = "し、サーバーはこれを拒否しました",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_OUTCOME_UNKNOWN] = "しました。その結果は不明です",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_MAILS] = "(同様のメール {count} 通、うち受付 {accepted} 通)",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_PORT_25] =
		"25 番ポートでは通常の動作です。メールサーバー同士は認証なしで配送します。",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_BY_ADDRESS] =
		"サーバーは、送信者を確認することなく、このクライアントのアドレスからのメールを受け付けています。",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_CAUSE_1] =
		"メールソフトで送信時の認証が無効になっている(認証に失敗するため無効にした可能性がある)",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_CAUSE_2] =
		"クライアントのネットワークに認証なしの中継が許可されている(Postfix: mynetworks、permit_mynetworks)",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_CHECK_1] =
		"サーバーで確認する: postconf mynetworks smtpd_relay_restrictions smtpd_recipient_restrictions",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_CHECK_2] =
		"Outlook: 詳細設定 > 送信サーバー > 「送信サーバー (SMTP) は認証が必要」、Thunderbird: 認証方式が「認証なし」"
		"でないことを確認する",
	[WORDS_FINDING_AUTH_REQUIRED_TITLE] = "サーバーがメールの前に認証を求めています",
	[WORDS_FINDING_AUTH_REQUIRED_EXPLANATION] =
		"クライアントは差出人 {sender} のメールを認証せずに送信し、サーバーは {command} に対して {reply} と応答しまし"
		"た{mails}。",
	[WORDS_FINDING_AUTH_REQUIRED_MAILS] = "(メール {count} 通)",
	[WORDS_FINDING_AUTH_REQUIRED_REJECTED] = "その前に認証が拒否されています。",
	[WORDS_FINDING_AUTH_REQUIRED_SETTINGS] = "メールソフトで、送信サーバーの認証を有効にする必要があります。",
	[WORDS_FINDING_AUTH_REQUIRED_CAUSE_1] = "メールソフトで送信時の認証が無効になっている",
	[WORDS_FINDING_AUTH_REQUIRED_CAUSE_2] = "メールソフトが対応する認証方式をサーバーが提供していない",
	[WORDS_FINDING_AUTH_REQUIRED_CHECK_1] =
		"Outlook: 詳細設定 > 送信サーバー > 「送信サーバー (SMTP) は認証が必要」を有効にする、Thunderbird: 送信 "
		"(SMTP) サーバー > 認証方式を「通常のパスワード認証」にする",
	[WORDS_FINDING_AUTH_REQUIRED_CHECK_2] = "試す: swaks --to ADDRESS --server {server} --auth --auth-user USER",
	[WORDS_FINDING_MAIL_REFUSED_TITLE] = "メールが拒否されました",
	[WORDS_FINDING_MAIL_REFUSED_EXPLANATION] =
		"サーバーは差出人 {sender} のメールを拒否しました。{command} に対する応答は {reply}{reason} です。",
	[WORDS_FINDING_MAIL_REFUSED_EXPLANATION_MANY] =
		"サーバーはメール {count} 通を拒否しました。そのうち差出人 {sender} のメールでは、{command} に対する応答は "
		"{reply}{reason} です。",
	[WORDS_FINDING_MAIL_REFUSED_CAUSE_1] = "応答に含まれるサーバーのメッセージが理由を示している",
	[WORDS_FINDING_MAIL_REFUSED_CAUSE_2] =
		"この差出人アドレスがクライアントまたはログインユーザーに許可されていない、迷惑メールと判定された、またはサイ"
		"ズが大きすぎる",
	[WORDS_FINDING_MAIL_REFUSED_CHECK_1] = "その時刻のサーバーのログを、キュー ID または差出人で検索する",
	[WORDS_FINDING_MAIL_REFUSED_CHECK_2] =
		"postconf smtpd_sender_restrictions smtpd_sender_login_maps message_size_limit smtpd_milters",
	[WORDS_FINDING_MAIL_REFUSED_CHECK_3] = "試す: swaks --from SENDER --to ADDRESS --server {server}",
	[WORDS_FINDING_SIZE_OVER_LIMIT_TITLE] = "サーバーの上限より大きいメールです",
	[WORDS_FINDING_SIZE_OVER_LIMIT_EXPLANATION] = "クライアントのメールは {size} バイト (予告を含む) で、サーバーの上限 {limit} バイトを超えています。",
	[WORDS_FINDING_SIZE_OVER_LIMIT_CAUSE_1] = "大きな添付ファイル。送信時にはファイルより 3 割ほど大きくなる",
	[WORDS_FINDING_SIZE_OVER_LIMIT_CHECK_1] = "リンクで送るか、分割して送る",
	[WORDS_FINDING_SIZE_OVER_LIMIT_CHECK_2] = "サーバーで確認する: postconf message_size_limit",
	[WORDS_FINDING_SIZE_UNDERSTATED_TITLE] = "予告より大きいメールです",
	[WORDS_FINDING_SIZE_UNDERSTATED_EXPLANATION] = "クライアントは SIZE で {declared} バイトと予告し、{size} バイトを送りました。",
	[WORDS_FINDING_SIZE_UNDERSTATED_CAUSE_1] = "送信ソフトの不具合",
	[WORDS_FINDING_SIZE_UNDERSTATED_CAUSE_2] = "途中の機器がメールに追記している",
	[WORDS_FINDING_SIZE_UNDERSTATED_CHECK_1] = "サーバーが受信後にこのようなメールを拒否していないか (552)",
	[WORDS_FINDING_RECIPIENT_REFUSED_TITLE] = "宛先が拒否されました",
	[WORDS_FINDING_RECIPIENT_REFUSED_TITLE_MANY] = "複数の宛先が拒否されました",
	[WORDS_FINDING_RECIPIENT_REFUSED_EXPLANATION] = "サーバーは宛先を拒否しました: {list}。",
	[WORDS_FINDING_RECIPIENT_REFUSED_EXPLANATION_MANY] = "サーバーは宛先 {count} 件を拒否しました: {list}。",
	[WORDS_FINDING_RECIPIENT_REFUSED_ONE] = "{recipient} に対して {reply}{reason}",
	[WORDS_FINDING_RECIPIENT_REFUSED_MORE] = "、ほか {count} 件",
	[WORDS_FINDING_RECIPIENT_REFUSED_CAUSE_1] =
		"「Relay」とある場合: クライアントが認証しておらず、信頼するネットワークにも含まれていない",
	[WORDS_FINDING_RECIPIENT_REFUSED_CAUSE_2] = "「Unknown」とある場合: 宛先アドレスが存在しない、または誤っている",
	[WORDS_FINDING_RECIPIENT_REFUSED_CAUSE_3] = "サーバーのポリシー(ブロックリスト、送信制限、グレイリスティング)",
	[WORDS_FINDING_RECIPIENT_REFUSED_CHECK_1] =
		"サーバーで確認する: postconf smtpd_relay_restrictions smtpd_recipient_restrictions mynetworks mydestination",
	[WORDS_FINDING_RECIPIENT_REFUSED_CHECK_2] = "メールソフトで送信サーバーの認証が有効になっているか確認する",
	[WORDS_FINDING_RECIPIENT_REFUSED_CHECK_3] =
		"--auth ありとなしの両方で試す: swaks --to ADDRESS --server {server} --quit-after RCPT",
	[WORDS_FINDING_GREYLISTED_TITLE] = "グレイリスティングによる一時拒否です",
	[WORDS_FINDING_GREYLISTED_EXPLANATION] =
		"サーバーは宛先 {recipient} {others}にグレイリスティングを適用しています。初めての差出人をいったん断り、数分"
		"後に再送されれば受け付けます。メールサーバーは自動的に再送しますが、直接送信するプログラムは再送しないことが"
		"あります。",
	[WORDS_FINDING_GREYLISTED_OTHERS] = "ほか {count} 件",
	[WORDS_FINDING_GREYLISTED_CAUSE_1] = "初めての差出人に対するサーバーの通常の動作",
	[WORDS_FINDING_GREYLISTED_CHECK_1] = "クライアントが再送するか確認する: postqueue -p",

	/* ---- What the person at the mail client reads ---- */
	[WORDS_CLIENT_OUTLOOK_CONNECT] = "サーバーへの接続は失敗しました。…",
	[WORDS_CLIENT_OUTLOOK_CONNECT_LATER] = "(Outlook 2003 以降、同じ内容)",
	[WORDS_CLIENT_OUTLOOK_TIMEOUT] = "(待機した後、タイムアウトを表示)",
	[WORDS_CLIENT_OUTLOOK_DROPPED] = "サーバーは接続を解除しました。サーバーまたはネットワークに問題があるか、…",
	[WORDS_CLIENT_OUTLOOK_REPLY] = "(サーバーの応答とともに表示)",
	[WORDS_CLIENT_OUTLOOK_NO_STARTTLS] = "(設定された暗号化にサーバーが対応していないと表示)",
	[WORDS_CLIENT_OUTLOOK_STARTTLS] = "(暗号化を開始できないと表示)",
	[WORDS_CLIENT_OUTLOOK_NO_MECHANISM] = "(クライアントの認証方式がサーバーでサポートされていないと表示)",
	[WORDS_CLIENT_OUTLOOK_AUTH] = "(ユーザー名とパスワードを再度要求。番号はバージョンにより異なる)",
	[WORDS_CLIENT_OUTLOOK_AUTH_92] = "(本来は POP3 のパスワード拒否の番号だが、送信時の報告例もある)",
	[WORDS_CLIENT_OUTLOOK_MAIL] =
		"メッセージを送信できません。アカウントのプロパティで電子メールアドレスが正しいことを確認してください。サーバ"
		"ーが応答しました: …",
	[WORDS_CLIENT_OUTLOOK_RCPT] = "受信者の一人がサーバーによって拒否されたため、メッセージを送信できませんでした。…",
	[WORDS_CLIENT_THUNDERBIRD_REFUSED] =
		"送信 (SMTP) サーバー … に接続できなかったため、メッセージを送信できませんでした。…",
	[WORDS_CLIENT_THUNDERBIRD_TIMEOUT] =
		"送信 (SMTP) サーバー … との接続がタイムアウトしたため、メッセージを送信できませんでした。…",
	[WORDS_CLIENT_THUNDERBIRD_DROPPED] =
		"送信処理の途中で送信 (SMTP) サーバー … との接続が切断されたため、メッセージを送信できませんでした。…",
	[WORDS_CLIENT_THUNDERBIRD_SERVER_ERROR] =
		"メールの送信中に送信 (SMTP) サーバーエラーが発生しました。サーバーからの応答: …",
	[WORDS_CLIENT_THUNDERBIRD_NO_STARTTLS] =
		"送信 (SMTP) サーバー … が STARTTLS をサポートしていないため、保護された接続を確立できませんでした。…",
	[WORDS_CLIENT_THUNDERBIRD_NO_MECHANISM] = "送信 (SMTP) サーバー … が選択された認証方式をサポートしていません。…",
	[WORDS_CLIENT_THUNDERBIRD_AUTH] = "送信 (SMTP) サーバー … の認証に失敗しました。パスワードを確認し、…",
	[WORDS_CLIENT_THUNDERBIRD_MAIL] =
		"メールの送信中にエラーが発生しました。アカウント設定でメールアドレスの設定が正しいか確認し、再度試してくださ"
		"い。…",
	[WORDS_CLIENT_THUNDERBIRD_RCPT] =
		"メールの送信中にエラーが発生しました。サーバーからの応答: … メッセージの受信者 … を確認し、再度試してくださ"
		"い。",
	[WORDS_CLIENT_THUNDERBIRD_SIZE] =
		"送信メッセージのサイズがサーバーのサイズ制限を超えたため、メッセージを送信できませんでした。…",
	[WORDS_CLIENT_THUNDERBIRD_BODY] =
		"メールの送信中にエラーが発生しました。メッセージを確認し、再度試してください。サーバーからの応答: …",
	[WORDS_CLIENT_APPLE_CONNECT] = "(この送信サーバを使用してメッセージを送信できないと表示)",
	[WORDS_CLIENT_APPLE_AUTH] = "(パスワードを再度要求)",
	[WORDS_CLIENT_APPLE_RELAY] = "(サーバが中継を許可していないため、受信者が拒否されたと表示)",
	[WORDS_CLIENT_APPLE_RCPT] = "(受信者がサーバに拒否されたと表示)",
	[WORDS_CLIENT_APPLE_BODY] = "(メッセージがサーバに拒否されたと表示)",

	/* ---- What commands and replies mean: why a server refuses ---- */
	[WORDS_REASON_SENDER_POLICY] = "差出人ドメインが SPF/DKIM/DMARC に不合格",
	[WORDS_REASON_ENCRYPTION] = "先に暗号化 (TLS) が必要",
	[WORDS_REASON_LOGIN] = "先に認証が必要",
	[WORDS_REASON_GREYLISTED] = "グレイリスティング、後で再送",
	[WORDS_REASON_RELAY] = "中継拒否",
	[WORDS_REASON_BLOCKLISTED] = "クライアントがブロックリストに登録",
	[WORDS_REASON_SPAM] = "迷惑メールまたはマルウェアと判定",
	[WORDS_REASON_FULL] = "メールボックスまたはディスクが満杯",
	[WORDS_REASON_NO_MAILBOX] = "メールボックスが存在しない",
	[WORDS_REASON_RATE] = "一度の数が多すぎる",
	[WORDS_REASON_TIMEOUT] = "クライアントの無通信によるタイムアウト",
	[WORDS_REASON_SIZE] = "メッセージが大きすぎる",

	/* ---- What commands and replies mean: enhanced status codes, by subject and detail ---- */
	[WORDS_ENHANCED_1_0] = "アドレスの問題",
	[WORDS_ENHANCED_1_1] = "メールボックスが存在しない",
	[WORDS_ENHANCED_1_2] = "ドメインが存在しない",
	[WORDS_ENHANCED_1_3] = "アドレスが不正",
	[WORDS_ENHANCED_1_4] = "アドレスがあいまい",
	[WORDS_ENHANCED_1_6] = "メールボックスが移動済み",
	[WORDS_ENHANCED_1_7] = "差出人アドレスが不正",
	[WORDS_ENHANCED_1_8] = "差出人のドメインが見つからない",
	[WORDS_ENHANCED_1_10] = "メールを受け取らないドメイン (null MX)",
	[WORDS_ENHANCED_2_0] = "メールボックスの問題",
	[WORDS_ENHANCED_2_1] = "メールボックスが無効",
	[WORDS_ENHANCED_2_2] = "メールボックスが満杯",
	[WORDS_ENHANCED_2_3] = "メールボックスに対してメッセージが大きすぎる",
	[WORDS_ENHANCED_3_0] = "メールシステムの問題",
	[WORDS_ENHANCED_3_1] = "メールシステムの容量不足",
	[WORDS_ENHANCED_3_2] = "サーバーが現在メールを受け付けていない",
	[WORDS_ENHANCED_3_4] = "メッセージが大きすぎる",
	[WORDS_ENHANCED_3_5] = "サーバーの設定に誤り",
	[WORDS_ENHANCED_4_0] = "ネットワークの問題",
	[WORDS_ENHANCED_4_1] = "次のサーバーが応答しない",
	[WORDS_ENHANCED_4_2] = "接続の異常",
	[WORDS_ENHANCED_4_3] = "ディレクトリまたは DNS の参照に失敗",
	[WORDS_ENHANCED_4_4] = "次のサーバーへの経路がない",
	[WORDS_ENHANCED_4_5] = "サーバーの過負荷",
	[WORDS_ENHANCED_4_6] = "メールのループ",
	[WORDS_ENHANCED_4_7] = "配送の時間切れ",
	[WORDS_ENHANCED_5_1] = "この時点では許可されないコマンド",
	[WORDS_ENHANCED_5_2] = "構文の誤り",
	[WORDS_ENHANCED_5_3] = "宛先が多すぎる",
	[WORDS_ENHANCED_5_4] = "引数が不正",
	[WORDS_ENHANCED_5_6] = "AUTH の行が長すぎる",
	[WORDS_ENHANCED_6_0] = "メール本文の問題",
	[WORDS_ENHANCED_6_1] = "対応していないコンテンツ形式",
	[WORDS_ENHANCED_6_7] = "国際化アドレスに未対応",
	[WORDS_ENHANCED_7_1] = "許可されていない",
	[WORDS_ENHANCED_7_4] = "対応していないセキュリティ機能",
	[WORDS_ENHANCED_7_5] = "暗号処理の失敗",
	[WORDS_ENHANCED_7_7] = "メッセージの完全性検証に失敗",
	[WORDS_ENHANCED_7_8] = "ユーザー名またはパスワードの誤り",
	[WORDS_ENHANCED_7_9] = "認証方式の強度不足",
	[WORDS_ENHANCED_7_10] = "暗号化が必要",
	[WORDS_ENHANCED_7_11] = "この認証方式には暗号化が必要",
	[WORDS_ENHANCED_7_12] = "パスワードの変更が必要",
	[WORDS_ENHANCED_7_13] = "アカウントが無効",
	[WORDS_ENHANCED_7_14] = "信頼関係が必要",
	[WORDS_ENHANCED_7_20] = "有効な DKIM 署名がない",
	[WORDS_ENHANCED_7_21] = "DKIM 署名が受け入れられない",
	[WORDS_ENHANCED_7_22] = "差出人の DKIM 署名ではない",
	[WORDS_ENHANCED_7_23] = "SPF 検証に失敗",
	[WORDS_ENHANCED_7_24] = "SPF 検証でエラー",
	[WORDS_ENHANCED_7_25] = "DNS 逆引きの検証に失敗",
	[WORDS_ENHANCED_7_26] = "SPF/DKIM/DMARC の検証に失敗",
	[WORDS_ENHANCED_7_27] = "差出人のドメインがメールを受け取らない",
	[WORDS_ENHANCED_7_28] = "メールの大量送信",

	/* ---- What commands and replies mean: commands ---- */
	[WORDS_COMMAND_HELO] = "挨拶(拡張なし)",
	[WORDS_COMMAND_EHLO] = "挨拶",
	[WORDS_COMMAND_LHLO] = "挨拶 (LMTP)",
	[WORDS_COMMAND_AUTH] = "認証を要求",
	[WORDS_COMMAND_STARTTLS] = "暗号化 (TLS) を要求",
	[WORDS_COMMAND_MAIL] = "差出人",
	[WORDS_COMMAND_RCPT] = "宛先",
	[WORDS_COMMAND_DATA] = "本文の送信を要求",
	[WORDS_COMMAND_BDAT] = "本文の一部を送信",
	[WORDS_COMMAND_RSET] = "最初からやり直し",
	[WORDS_COMMAND_NOOP] = "何もしない(接続の維持)",
	[WORDS_COMMAND_VRFY] = "アドレスの有無を照会",
	[WORDS_COMMAND_EXPN] = "リストの宛先を照会",
	[WORDS_COMMAND_HELP] = "ヘルプを要求",
	[WORDS_COMMAND_QUIT] = "終了の挨拶",
	[WORDS_COMMAND_XCLIENT] = "プロキシが本来のクライアントを通知",
	[WORDS_COMMAND_XFORWARD] = "プロキシがメールの送信元を通知",
	[WORDS_COMMAND_ETRN] = "キューのメールを要求",
	[WORDS_COMMAND_TURN] = "役割の交代を要求",
	[WORDS_COMMAND_BURL] = "参照によりメッセージを送信",
	[WORDS_COMMAND_EXCHANGE] = "Exchange サーバー間の連携",
	[WORDS_COMMAND_OBSOLETE] = "廃止されたコマンド",
	[WORDS_COMMAND_HTTP] = "メールではなく HTTP",
	[WORDS_COMMAND_UNKNOWN] = "標準の SMTP コマンドではない",

	/* ---- What commands and replies mean: replies ---- */
	[WORDS_REPLY_DONE_OK] = "完了",
	[WORDS_REPLY_DONE_LATER] = "一時的に拒否",
	[WORDS_REPLY_DONE_NO] = "拒否",
	[WORDS_REPLY_HELLO_OK] = "クライアントに挨拶",
	[WORDS_REPLY_HELLO_LATER] = "挨拶を一時的に拒否",
	[WORDS_REPLY_HELLO_NO] = "挨拶を拒否",
	[WORDS_REPLY_AUTH_OK] = "認証成功",
	[WORDS_REPLY_AUTH_LATER] = "現在は認証不可",
	[WORDS_REPLY_AUTH_NO] = "認証を拒否",
	[WORDS_REPLY_STARTTLS_OK] = "暗号化を開始",
	[WORDS_REPLY_STARTTLS_LATER] = "現在は暗号化不可",
	[WORDS_REPLY_STARTTLS_NO] = "暗号化を拒否",
	[WORDS_REPLY_MAIL_OK] = "差出人を受付",
	[WORDS_REPLY_MAIL_LATER] = "差出人を一時的に拒否",
	[WORDS_REPLY_MAIL_NO] = "差出人を拒否",
	[WORDS_REPLY_RCPT_OK] = "宛先を受付",
	[WORDS_REPLY_RCPT_LATER] = "宛先を一時的に拒否",
	[WORDS_REPLY_RCPT_NO] = "宛先を拒否",
	[WORDS_REPLY_MESSAGE_OK] = "メッセージを受付",
	[WORDS_REPLY_MESSAGE_LATER] = "メッセージを一時的に拒否",
	[WORDS_REPLY_MESSAGE_NO] = "メッセージを拒否",
	[WORDS_REPLY_GREETING_OK] = "サーバーの準備完了",
	[WORDS_REPLY_GREETING_LATER] = "サーバーがクライアントを一時的に拒否",
	[WORDS_REPLY_GREETING_NO] = "サーバーがクライアントを拒否",
	[WORDS_REPLY_GOODBYE_OK] = "終了の挨拶",
	[WORDS_REPLY_GOODBYE_LATER] = "エラーを伴う終了の挨拶",
	[WORDS_REPLY_CHUNK_OK] = "本文の一部を受付",
	[WORDS_REPLY_RSET_OK] = "新しいメールの準備完了",
	[WORDS_REPLY_NOOP_OK] = "接続は有効",
	[WORDS_REPLY_VRFY_OK] = "アドレスについて回答",
	[WORDS_REPLY_EXPN_OK] = "リストの宛先を回答",
	[WORDS_REPLY_CANNOT_SAY_LATER] = "現在は回答不可",
	[WORDS_REPLY_CANNOT_SAY_NO] = "回答しない",
	[WORDS_REPLY_HELP_OK] = "ヘルプを表示",
	[WORDS_REPLY_HELP_LATER] = "現在はヘルプ不可",
	[WORDS_REPLY_HELP_NO] = "ヘルプなし",
	[WORDS_REPLY_UNKNOWN_OK] = "肯定",
	[WORDS_REPLY_LOST] = "取得されていません",
	[WORDS_REPLY_MORE] = "続きを待機",
	[WORDS_REPLY_421] = "サーバーが接続を終了",
	[WORDS_REPLY_251] = "宛先を受付(転送)",
	[WORDS_REPLY_252] = "宛先を受付(未確認)",
	[WORDS_REPLY_252_VRFY] = "回答しないがメールは受付",
	[WORDS_REPLY_334] = "認証: 次の入力を要求",
	[WORDS_REPLY_354] = "本文の送信を許可",
	[WORDS_REPLY_500_EHLO] = "EHLO に未対応(古いサーバー)",
	[WORDS_REPLY_500] = "ここでは未対応のコマンド",
	[WORDS_REPLY_500_AUTH] = "ここでは認証を提供していない",
	[WORDS_REPLY_503_AUTH] = "この時点では認証不可",
	[WORDS_REPLY_504_AUTH] = "未対応の認証方式",
	[WORDS_REPLY_530_AUTH] = "認証の前に暗号化 (TLS) が必要",
	[WORDS_REPLY_538_AUTH] = "この認証には暗号化 (TLS) が必要",
	[WORDS_REPLY_432_AUTH] = "認証: パスワードの変更が必要",
	[WORDS_REPLY_WITH_DETAILS] = "{reply}: {details}",

	/* ---- What commands and replies mean: codes alone ---- */
	[WORDS_CODE_432] = "パスワードの変更が必要",
	[WORDS_CODE_450] = "メールボックスが一時的に使用不可",
	[WORDS_CODE_451] = "サーバーのエラー",
	[WORDS_CODE_452] = "サーバーの容量不足",
	[WORDS_CODE_454] = "一時的な障害",
	[WORDS_CODE_455] = "現在は使えないパラメーター",
	[WORDS_CODE_500] = "不明なコマンド",
	[WORDS_CODE_501] = "構文の誤り",
	[WORDS_CODE_502] = "提供されていないコマンド",
	[WORDS_CODE_503] = "コマンドの順序の誤り",
	[WORDS_CODE_504] = "未対応のパラメーター",
	[WORDS_CODE_521] = "メールを受け付けないホスト",
	[WORDS_CODE_523] = "メッセージが大きすぎる",
	[WORDS_CODE_525] = "アカウントが無効",
	[WORDS_CODE_530] = "先に認証が必要",
	[WORDS_CODE_534] = "認証方式の強度不足",
	[WORDS_CODE_535] = "ユーザー名またはパスワードの誤り",
	[WORDS_CODE_538] = "暗号化が必要",
	[WORDS_CODE_550] = "メールボックスがない、または許可されていない",
	[WORDS_CODE_551] = "このサーバーのユーザーではない",
	[WORDS_CODE_552] = "容量の上限を超過",
	[WORDS_CODE_553] = "許可されていないアドレス",
	[WORDS_CODE_554] = "コードに理由の記載なし",
	[WORDS_CODE_555] = "不明なパラメーター",
	[WORDS_CODE_556] = "メールを受け取らないドメイン",

	/* ---- How connections end ---- */
	[WORDS_CLOSE_FIN] = "正常に切断",
	[WORDS_CLOSE_RESET_BY_CLIENT] = "クライアントが強制切断 (RST)",
	[WORDS_CLOSE_RESET_BY_SERVER] = "サーバーが強制切断 (RST)",
	[WORDS_CLOSE_IDLE_TIMEOUT] = "以後のパケットがなく、終了とみなしました",
	[WORDS_CLOSE_CAPTURE_ENDED] = "取得終了時点で接続中",
	[WORDS_CLOSE_REFUSED] = "接続拒否",
	[WORDS_CLOSE_UNANSWERED] = "接続要求に応答なし",
	[WORDS_CLOSE_UNREACHABLE] = "サーバーに到達不可",
	[WORDS_CLOSE_EVICTED] = "メモリ不足のため smtpscope が追跡を中止",
	[WORDS_CLOSE_NONE] = "継続中",
	[WORDS_CLOSE_OTHER] = "終了",
	[WORDS_ICMP_PROHIBITED] = "ルーターまたはファイアウォールが禁止",
	[WORDS_ICMP_PORT] = "そのポートで待ち受けなし、またはファイアウォールによる応答",
	[WORDS_ICMP_HOST] = "ホストに到達不可",
	[WORDS_ICMP_NET] = "そのネットワークへの経路なし",

	/* ---- Anomalies ---- */
	[WORDS_ANOMALY_LINE_TOO_LONG] = "行が長すぎるため、先頭だけを読み取りました",
	[WORDS_ANOMALY_BARE_NEWLINE] = "行末が CR LF ではなく LF のみ",
	[WORDS_ANOMALY_NUL] = "行の中に NUL バイト",
	[WORDS_ANOMALY_NOT_A_REPLY] = "応答ではない行",
	[WORDS_ANOMALY_NOT_A_COMMAND] = "コマンドではない行",
	[WORDS_ANOMALY_REPLY_CODES_DIFFER] = "1 つの応答の行でコードが異なる",
	[WORDS_ANOMALY_UNSOLICITED_REPLY] = "対応するコマンドのない応答",
	[WORDS_ANOMALY_TOO_MANY_COMMANDS] = "未応答のコマンドが追跡の上限を超過",
	[WORDS_ANOMALY_EARLY_TALKER] = "クライアントがサーバーの応答より先に送信",
	[WORDS_ANOMALY_NOT_SMTP] = "SMTP ではない通信",
	[WORDS_ANOMALY_PREFACE] = "SMTP の前にデータあり(プロキシ?)",
	[WORDS_ANOMALY_HELD_TOO_MUCH] = "サーバーの応答が間に合わず判断できません",
	[WORDS_ANOMALY_BODY_UNTERMINATED] = "本文の終わりより前にサーバーが応答",
	[WORDS_ANOMALY_BARE_RETURN] = "行の中に LF を伴わない CR",
	[WORDS_ANOMALY_LONG_LINE] = "RFC 5321 の上限を超える行",
	[WORDS_ANOMALY_FALSE_END] = "本文中に、終端ではないドット 1 つの行とそれに続くコマンド",
	[WORDS_ANOMALY_COMMAND_BEFORE_TLS] = "STARTTLS への応答を待たずに送られたデータ",
	[WORDS_ANOMALY_REPLY_BEFORE_TLS] = "STARTTLS への応答の後、TLS の前のデータ",
	[WORDS_ANOMALY_EXTENSION_NOT_OFFERED] = "提供されていない拡張を使用",
	[WORDS_ANOMALY_PARAMETER_WRONG] = "値に誤りのあるパラメーター",
	[WORDS_ANOMALY_LIMIT_EXCEEDED] = "サーバーの上限を超過",
	[WORDS_ANOMALY_HELLO_NOT_REPEATED] = "やり直しのセッションに EHLO がない",
	[WORDS_ANOMALY_ROLES_REVERSED] = "クライアントとサーバーの役割が交代",
	[WORDS_ANOMALY_REVERSED_UNREAD] = "以降は読み取らない",
	[WORDS_ANOMALY_OTHER] = "通常と異なる動作",

	/* ---- The report for people: the header of a session ---- */
	[WORDS_TEXT_LABEL_WHEN] = "日時",
	[WORDS_TEXT_LABEL_CAPTURE] = "取得元",
	[WORDS_TEXT_LABEL_CLIENT] = "クライアント",
	[WORDS_TEXT_LABEL_SERVER] = "サーバー",
	[WORDS_TEXT_LABEL_TLS] = "TLS",
	[WORDS_TEXT_LABEL_LOGIN] = "認証",
	[WORDS_TEXT_LABEL_MAIL] = "メール",
	[WORDS_TEXT_LABEL_TIME] = "所要時間",
	[WORDS_TEXT_TIME_TO_SERVER] = "サーバーとの往復 {time}",
	[WORDS_TEXT_TIME_TO_CLIENT] = "クライアントとの往復 {time}",
	[WORDS_TEXT_TIME_SERVER] = "サーバー {total}(最大 {max})",
	[WORDS_TEXT_TIME_CLIENT] = "クライアント {total}",
	[WORDS_TEXT_TIME_BODY] = "本文 {rate}/秒",
	[WORDS_TEXT_LABEL_ENDED] = "終了",
	[WORDS_TEXT_OMITTED] = "(非表示)",
	[WORDS_TEXT_TIME_UNKNOWN] = "時刻不明",
	[WORDS_TEXT_DURATION_MS] = "{value} ミリ秒",
	[WORDS_TEXT_DURATION_S] = "{value} 秒",
	[WORDS_TEXT_DURATION_MIN] = "{minutes} 分 {seconds} 秒",
	[WORDS_TEXT_DURATION_H] = "{hours} 時間 {minutes} 分",
	[WORDS_TEXT_CAPTURE] = "{source}、フレーム {first}-{last}",
	[WORDS_TEXT_CLIENT_GUESSED] = " (どちらがクライアントかは推定です)",
	[WORDS_TEXT_CLIENT_PROXIED] = "プロキシ経由、送信元 {origin}",
	[WORDS_TEXT_CLIENT_FORWARDED] = "本来の送信元 {origin}",
	[WORDS_TEXT_CLIENT_GUESSED_ALONE] = "推定(サーバーの可能性があります)",
	[WORDS_TEXT_TLS_STARTTLS] = "フレーム {frame} 以降は暗号化 (STARTTLS)",
	[WORDS_TEXT_TLS_ANONYMOUS] = "フレーム {frame} 以降は暗号化 (X-ANONYMOUSTLS)",
	[WORDS_TEXT_TLS_IMPLICIT] = "フレーム {frame} 以降は暗号化(接続直後から TLS)",
	[WORDS_TEXT_TLS_REFUSED] = "サーバーが拒否",
	[WORDS_TEXT_TLS_BEGUN] = "フレーム {frame} で開始、結果は不明",
	[WORDS_TEXT_TLS_FAILED] = "フレーム {frame} で開始したがハンドシェイクに失敗",
	[WORDS_TEXT_TLS_CERTIFICATE] = "証明書 {subject}、有効期限 {until}",
	[WORDS_TEXT_TLS_DECRYPTED] = "、復号済み",
	[WORDS_TEXT_TLS_DECRYPTED_UNTIL] = "、フレーム {frame} まで復号({reason})",
	[WORDS_TEXT_TLS_NOT_DECRYPTED] = "、復号できません({reason})",
	[WORDS_TEXT_TLS_NO_KEY] = "鍵がありません",
	[WORDS_TEXT_TLS_WRONG_KEY] = "鍵が一致しません",
	[WORDS_TEXT_TLS_UNSUPPORTED] = "対応していないバージョンまたは暗号",
	[WORDS_TEXT_TLS_GAP] = "欠けているパケットがあります",
	[WORDS_TEXT_TLS_DAMAGED] = "壊れたレコードがあります",
	[WORDS_TEXT_TLS_EARLY_DATA] = "早期データ (0-RTT) には対応していません",
	[WORDS_TEXT_ATTEMPT] = "{mechanism} {result}",
	[WORDS_TEXT_ATTEMPT_AS] = "{mechanism} {user} {result}",
	[WORDS_TEXT_ATTEMPT_SERVICE] = "、{service} 宛のチケット",
	[WORDS_TEXT_ATTEMPT_ENCRYPTED] = "、暗号化あり",
	[WORDS_TEXT_MORE] = "; ほか {count} 件",
	[WORDS_TEXT_RESULT_ACCEPTED] = "成功",
	[WORDS_TEXT_RESULT_REJECTED] = "拒否",
	[WORDS_TEXT_RESULT_CANCELLED] = "中止",
	[WORDS_TEXT_RESULT_UNKNOWN] = "結果不明",
	[WORDS_TEXT_RESULT_NOT_NOW] = "現在は不可",
	[WORDS_TEXT_LOGIN_NOT_ATTEMPTED] = "なし。認証せずにメールを送信",
	[WORDS_TEXT_LOGIN_UNUSED] = "試行なし",
	[WORDS_TEXT_LOGIN_NOT_OFFERED] = "サーバーが提供していません",
	[WORDS_TEXT_LOGIN_UNKNOWN] = "不明",
	[WORDS_TEXT_LOGIN_AT_GATEWAY] = "{user}(ゲートウェイで認証済み)",
	[WORDS_TEXT_LOGIN_UNKNOWN_ENCRYPTED] = "不明(暗号化)",
	[WORDS_TEXT_LOGIN_OFFERED] = " (提供: {list})",
	[WORDS_TEXT_MAIL_ACCEPTED] = "受付",
	[WORDS_TEXT_MAIL_REFUSED] = "拒否",
	[WORDS_TEXT_MAIL_ABORTED] = "クライアントが中断",
	[WORDS_TEXT_MAIL_UNKNOWN] = "結果不明",
	[WORDS_TEXT_MAIL_WITHOUT_LOGIN] = " (認証なし)",
	[WORDS_TEXT_MAIL_REVERSED] = " (サーバーからクライアントへ)",
	[WORDS_TEXT_MAIL_SENDER_UNKNOWN] = "差出人は未取得",
	[WORDS_TEXT_MAIL_TO] = " → {recipient}",
	[WORDS_TEXT_MAIL_RECIPIENTS_MORE] = " ほか {count} 件",
	[WORDS_TEXT_MAIL_SIZE] = "、{bytes} バイト",
	[WORDS_TEXT_ATTACHMENT] = "添付: {name} ({type}、{bytes} バイト)、SHA-256",
	[WORDS_TEXT_ATTACHMENT_TRUNCATED] = "添付: {name} ({type})、先頭の {bytes} バイトのみ確認",
	[WORDS_TEXT_ATTACHMENT_UNNAMED] = "名前のないパート",
	[WORDS_TEXT_ATTACHMENTS_MORE] = "添付: ほか {count} 件",
	[WORDS_TEXT_ATTACHMENTS_UNSEEN] = "メッセージの残りは確認していません",
	[WORDS_TEXT_MAILS_MORE] = "ほか {count} 通: 受付 {accepted}、拒否 {refused}",
	[WORDS_TEXT_MAILS_MORE_OTHER] = "、その他 {count}",

	/* ---- The report for people: the timeline ---- */
	[WORDS_TEXT_COLUMN_MS] = "ミリ秒",
	[WORDS_TEXT_COLUMN_SECONDS] = "秒",
	[WORDS_TEXT_COLUMN_FRAME] = "No.",
	[WORDS_TEXT_LINE_WITHHELD] = "(秘密情報を含む可能性があるため表示しません)",
	[WORDS_TEXT_AUTH_AS] = "{user} として認証を要求",
	[WORDS_TEXT_AUTH_WITH] = "{mechanism} で認証を要求",
	[WORDS_TEXT_SENDER_LOGGED_IN] = "差出人(認証済み)",
	[WORDS_TEXT_SENDER_NOT_LOGGED_IN] = "差出人(未認証)",
	[WORDS_TEXT_RECIPIENT_NUMBER] = "宛先 {number}",
	[WORDS_TEXT_RESPONSE_PASSWORD] = "パスワード",
	[WORDS_TEXT_RESPONSE] = "応答",
	[WORDS_TEXT_RESPONSE_USER_NAME] = "ユーザー名",
	[WORDS_TEXT_RESPONSE_USER] = "ユーザー {user}",
	[WORDS_TEXT_RESPONSE_USER_AND_PASSWORD] = "ユーザー {user} とパスワード",
	[WORDS_TEXT_RESPONSE_USER_AND] = "ユーザー {user} と応答",
	[WORDS_TEXT_ASKS_PASSWORD] = "パスワードを要求",
	[WORDS_TEXT_ASKS_USER_NAME] = "ユーザー名を要求",
	[WORDS_TEXT_ASKS_BOTH] = "ユーザー名とパスワードを要求",
	[WORDS_TEXT_CHALLENGE] = "チャレンジを送信",
	[WORDS_TEXT_LOGIN_CANCELLED] = "認証を中止",
	[WORDS_TEXT_GIVES_UP] = "この認証を中止",
	[WORDS_TEXT_OFFERS] = "拡張機能 {count} 件を提示",
	[WORDS_TEXT_UNASKED] = "(要求なし)",
	[WORDS_TEXT_COMMAND_NOT_CAPTURED] = "(コマンドは未取得)",
	[WORDS_TEXT_AFTER] = "({duration}後)",
	[WORDS_TEXT_MORE_LINES] = "(ほか {count} 行)",
	[WORDS_TEXT_REPLY] = "(応答)",
	[WORDS_TEXT_START_LOST] = "(先頭欠落)",
	[WORDS_TEXT_BODY] = "(本文: {bytes} バイト、{lines} 行)",
	[WORDS_TEXT_BODY_LOST] = "{bytes} バイト未取得",
	[WORDS_TEXT_BODY_SENT] = "本文を送信",
	[WORDS_TEXT_BODY_NOT_CAPTURED] = "全体は取得されていません",
	[WORDS_TEXT_BODY_CUT] = "本文が途中で終了",
	[WORDS_TEXT_BODY_ELSEWHERE] = "サーバーが自分でメッセージを取得",
	[WORDS_TEXT_BODY_IN] = "({duration})",
	[WORDS_TEXT_CONNECTED] = "接続",
	[WORDS_TEXT_CONNECTED_IN] = "接続({duration})",
	[WORDS_TEXT_ENCRYPTED] = "(暗号化)",
	[WORDS_TEXT_DECRYPTED] = "(復号)",
	[WORDS_TEXT_TLS_BEGINS] = "暗号化を開始",
	[WORDS_TEXT_TLS_AGREES] = "暗号化に同意",
	[WORDS_TEXT_TLS_UNREADABLE] = "以降は読み取れません",
	[WORDS_TEXT_TLS_RETRIES] = "ClientHello の再送を要求",
	[WORDS_TEXT_TLS_SHOWS_CERTIFICATE] = "証明書を提示",
	[WORDS_TEXT_TLS_GIVES_UP] = "暗号化を断念",
	[WORDS_TEXT_TLS_WARNS] = "警告",
	[WORDS_TEXT_TLS_ENDS] = "暗号化を終了",
	[WORDS_TEXT_TLS_READABLE] = "暗号化、以降は鍵で復号",
	[WORDS_TEXT_GAP_CLIENT] = "(クライアントの {bytes} バイトが取得されていません)",
	[WORDS_TEXT_GAP_SERVER] = "(サーバーの {bytes} バイトが取得されていません)",
	[WORDS_TEXT_TRIES] = "{tries} 回試行",
	[WORDS_TEXT_MORE_STEPS] = "(ほか {count} 件)",

	/* ---- The report for people: findings and diagnoses ---- */
	[WORDS_TEXT_LABEL_LIKELY] = "原因候補",
	[WORDS_TEXT_LABEL_CHECK] = "確認事項",
	[WORDS_TEXT_LABEL_READS] = "画面表示",
	[WORDS_TEXT_LABEL_NOT] = "除外",
	[WORDS_TEXT_LABEL_SEE] = "根拠",
	[WORDS_TEXT_LABEL_CHANGES] = "変化",
	[WORDS_TEXT_LABEL_FILTER] = "Wireshark",
	[WORDS_TEXT_SEVERITY] = "[{severity}]",
	[WORDS_TEXT_LABEL_SEEN] = "期間",
	[WORDS_TEXT_SEEN] = "{first} ～ {last} UTC、接続 {sessions} 件",
	[WORDS_TEXT_READS] = "{client} {code}: {text}",
	[WORDS_TEXT_READS_NO_CODE] = "{client}: {text}",
	[WORDS_TEXT_READS_PERHAPS] = "{client} {code} (可能性): {text}",
	[WORDS_TEXT_READS_NO_CODE_PERHAPS] = "{client} (可能性): {text}",
	[WORDS_TEXT_FINDING_FRAME] = "{id}: フレーム {frames}",
	[WORDS_TEXT_FINDING_FRAMES] = "{id}: フレーム {frames}",

	/* ---- The report for people: the end ---- */
	[WORDS_TEXT_HEADING_DIAGNOSES] = "診断",
	[WORDS_TEXT_HEADING_DIAGNOSIS_NEW] = "新しい診断",
	[WORDS_TEXT_HEADING_DIAGNOSIS_UPDATED] = "診断の更新",
	[WORDS_TEXT_HEADING_DIAGNOSIS_CLOSED] = "終息した診断",
	[WORDS_TEXT_DIAGNOSES_LEFT_OUT] = "{id} はほかに {count} 件あります。上に示したのは、そのうち重大なものです",
	[WORDS_TEXT_HEADING_CLIENTS] = "クライアント",
	[WORDS_TEXT_HEADING_SERVERS] = "サーバー",
	[WORDS_TEXT_HEADING_ASSUMPTIONS] = "前提",
	[WORDS_TEXT_NO_DIAGNOSIS] = "セッション全体から、対処が必要な問題は見つかりませんでした。",
	[WORDS_TEXT_COLUMN_CLIENT] = "クライアント",
	[WORDS_TEXT_COLUMN_LOGINS] = "認証",
	[WORDS_TEXT_COLUMN_LOGINS_OK] = "成功",
	[WORDS_TEXT_COLUMN_REJECTED] = "拒否",
	[WORDS_TEXT_COLUMN_WITHOUT] = "認証なし",
	[WORDS_TEXT_COLUMN_MAILS_OK] = "送信成功",
	[WORDS_TEXT_COLUMN_REFUSED] = "拒否",
	[WORDS_TEXT_COLUMN_FAILED] = "接続失敗",
	[WORDS_TEXT_CLIENT_NAMED] = "{name}、{users}",
	[WORDS_TEXT_CLIENT_USERS] = "ユーザー {users}",
	[WORDS_TEXT_CLIENT_USER] = "ユーザー {users}",
	[WORDS_TEXT_CLIENT_MAILBOX] = "受信: POP3 {pop3} 件、IMAP {imap} 件",
	[WORDS_TEXT_ROWS_MORE] = "ほか {count} 件",
	[WORDS_TEXT_SERVER_SESSIONS] = "接続 {sessions} 件",
	[WORDS_TEXT_SERVER_FAILED] = "、接続失敗 {failed} 件",
	[WORDS_TEXT_FACE_AUTH] = "AUTH {list}",
	[WORDS_TEXT_FACE_NO_AUTH] = "AUTH なし",
	[WORDS_TEXT_FACE_SEEN] = "{first} ～ {last} UTC、接続 {sessions} 件",
	[WORDS_TEXT_FACE_LOGINS] = "、認証: 成功 {accepted}、拒否 {rejected}",
	[WORDS_TEXT_TOTAL_SESSIONS] = "接続 {sessions} 件{details}。",
	[WORDS_TEXT_TOTAL_NOT_ESTABLISHED] = "接続失敗 {count}",
	[WORDS_TEXT_TOTAL_ENCRYPTED] = "暗号化 {count}",
	[WORDS_TEXT_TOTAL_MAIL] = "メール: {list}。",
	[WORDS_TEXT_TOTAL_LOGINS] = "認証: {list}。",
	[WORDS_TEXT_TOTAL_FINDINGS] = "所見: {list}。",
	[WORDS_TEXT_TOTAL_NONE] = "なし",
	[WORDS_TEXT_TOTAL_NONE_SEEN] = "なし",
	[WORDS_TEXT_TOTAL_ACCEPTED] = "受付 {count}",
	[WORDS_TEXT_TOTAL_REFUSED] = "拒否 {count}",
	[WORDS_TEXT_TOTAL_ABORTED] = "中断 {count}",
	[WORDS_TEXT_TOTAL_UNKNOWN] = "不明 {count}",
	[WORDS_TEXT_TOTAL_LOGINS_ACCEPTED] = "成功 {count}",
	[WORDS_TEXT_TOTAL_REJECTED] = "拒否 {count}",
	[WORDS_TEXT_TOTAL_OTHER] = "その他 {count}",
	[WORDS_TEXT_TOTAL_SEVERITY] = "{severity} {count}",
	[WORDS_TEXT_NO_SESSION] =
		"{frames} フレーム、{connections} 件の TCP 接続から SMTP セッションは見つかりませんでした。",
	[WORDS_TEXT_NO_SESSION_ALONE] = "SMTP セッションは見つかりませんでした。",
	[WORDS_TEXT_LOST] = "取得データは {places} か所、{bytes} バイトが欠けています。",
	[WORDS_TEXT_EVICTED] = "メモリ不足のため、{count} 件の接続の追跡を中止しました。",
	[WORDS_TEXT_DROPPED] = "カーネルまたはインターフェースが {count} パケットを取りこぼしました。",
	[WORDS_TEXT_DOCUMENTS_LOST] =
		"出力先に書き込めず、{count} 件の文書が失われました。",
	[WORDS_TEXT_STATISTICS] =
		"{time}: {frames} パケット(取りこぼし {dropped})、セッション {sessions} 件(継続中 {open})",
	[WORDS_TEXT_DUPLICATES] = "重複 {count} 件は除外しました。",

	/* ---- The live screen ---- */
	[WORDS_TOP_INTERFACE_UP] = "稼働",
	[WORDS_TOP_INTERFACE_DOWN] = "停止",
	[WORDS_TOP_INTERFACE_GONE] = "消失",
	[WORDS_TOP_PACKETS] = "毎秒 {count} パケット",
	[WORDS_TOP_DROPPED] = "取りこぼし {count}",
	[WORDS_TOP_UPTIME] = "稼働時間 {time}",
	[WORDS_TOP_PAUSED] = "一時停止中",
	[WORDS_TOP_SESSIONS] = "接続",
	[WORDS_TOP_MAIL] = "メール",
	[WORDS_TOP_LOGINS] = "認証",
	[WORDS_TOP_RATE] = "毎秒 {rate} 件",
	[WORDS_TOP_OPEN] = "継続中 {count}",
	[WORDS_TOP_TOTAL] = "合計 {count}",
	[WORDS_TOP_A_MINUTE] = "(直近 1 分間)",
	[WORDS_TOP_MEMORY] = "メモリ {size}",
	[WORDS_TOP_OUTPUT] = "出力待ち {waiting}、損失 {lost}",
	[WORDS_TOP_FINDINGS] = "所見(時刻は UTC)",
	[WORDS_TOP_COLUMN_SERVER] = "サーバー",
	[WORDS_TOP_COLUMN_FACE] = "応答元",
	[WORDS_TOP_COLUMN_SESSIONS] = "接続",
	[WORDS_TOP_COLUMN_MINUTE] = "毎分",
	[WORDS_TOP_COLUMN_FAILED] = "失敗",
	[WORDS_TOP_COLUMN_CODES] = "最近の応答",
	[WORDS_TOP_NO_SESSION] = "終了したセッションはまだありません。",
	[WORDS_TOP_NO_FINDING] = "まだありません。",
	[WORDS_TOP_NO_DIAGNOSIS] = "継続中の診断はありません。",
	[WORDS_TOP_KEY_QUIT] = "終了",
	[WORDS_TOP_KEY_PAUSE] = "一時停止",
	[WORDS_TOP_KEY_LIST] = "次の一覧",
	[WORDS_TOP_KEY_SCROLL] = "スクロール",
	[WORDS_TOP_KEY_HELP] = "ヘルプ",
	[WORDS_TOP_HELP_QUIT] = "smtpscope を終了する(継続中のセッションも書き出す)",
	[WORDS_TOP_HELP_PAUSE] = "画面の更新を止める、または再開する(取得は続く)",
	[WORDS_TOP_HELP_LIST] = "次の一覧を選ぶ(左右の矢印キーも同じ)",
	[WORDS_TOP_HELP_SCROLL] = "一覧をスクロールする(矢印キー、Page Up、Page Down、Home、End も同じ)",
	[WORDS_TOP_HELP_HELP] = "この説明を表示する、または隠す",
	[WORDS_TOP_HELP_NOTE_1] = "取りこぼしは、増えている間は赤で表示します。",
	[WORDS_TOP_HELP_NOTE_2] = "「失敗」は、拒否された接続と確立しなかった接続です。直近 1 分間にあれば赤で表示します。",
	[WORDS_TOP_HELP_NOTE_3] = "「最近の応答」は、サーバーの最後の 4 つの応答コードです(右が最新)。",
};

const struct words words_ja = {.language = "ja", .texts = texts};
