/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * http(s)://, es+http(s):// and hec+http(s)://. One request at a time, over one connection that is kept; libcurl does it without
 * waiting, and an epoll descriptor stands for whatever it waits for.
 *
 * What an answer means
 *   2xx              all of the request is stored; of Elasticsearch, what the answer says of each document
 *   400, 413, 422    something in the request is not to be had: the request is halved until it is one document, which is refused
 *   401, 403, 404    we are not welcome, which is no document's fault: try again, and say so
 *   429, 5xx, others try again, not before the time of Retry-After
 */
#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "delivery/delivery.h"
#include "delivery/http_body.h"
#include "report/sink/bulk_answer.h"
#include "report/sink/held_directory.h"
#include "report/sink/settle.h"

#define MILLISECOND_NS INT64_C(1000000)
#define SECOND_NS INT64_C(1000000000)
#define CONNECT_MS 10000
#define PAUSE_MAX_NS (300 * SECOND_NS)

enum {
	BODY_MAX = 5 << 20,       /* Elasticsearch advises against more */
	DOCUMENTS_MAX = 1000,     /* of a request */
	ANSWER_MAX = 16 << 20,
	ERROR_TEXT = CURL_ERROR_SIZE + 64,
};

struct output_http {
	struct output output;
	struct delivery *delivery;
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	int epoll_fd;
	int64_t timer_ns; /* when libcurl wants to be called; 0: it does not */
	bool busy;        /* a request is under way */
	struct http_body body;
	char *answer;
	size_t answer_len, answer_capacity;
	struct settle settle;
	size_t *sent; /* the numbers of the documents of the request */
	size_t sent_count, sent_max;
	int64_t wall_ns;
	int64_t pause_ns;
	bool wait_asked, any_busy;
	char error[ERROR_TEXT], curl_error[CURL_ERROR_SIZE];
};

static struct output_http *http_of(struct output *output) {
	return (struct output_http *)output;
}

static int64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* ---- What libcurl asks for ---- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known) {
	struct output_http *http = context;
	struct epoll_event event = {.data.fd = fd};
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(http->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	event.events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
	if (epoll_ctl(http->epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0)
		epoll_ctl(http->epoll_fd, EPOLL_CTL_ADD, fd, &event);
	return 0;
}

static int on_timer(CURLM *multi, long wait_ms, void *context) {
	struct output_http *http = context;
	http->timer_ns = wait_ms < 0 ? 0 : now_ns() + wait_ms * MILLISECOND_NS;
	return 0;
}

static size_t on_answer(char *data, size_t size, size_t count, void *context) {
	struct output_http *http = context;
	size_t len = size * count, room = ANSWER_MAX - http->answer_len, kept = len < room ? len : room;
	if (http->answer_len + kept > http->answer_capacity) {
		size_t capacity = 2 * (http->answer_len + kept);
		char *answer = realloc(http->answer, capacity);
		if (answer == NULL)
			return 0;
		http->answer = answer;
		http->answer_capacity = capacity;
	}
	memcpy(http->answer + http->answer_len, data, kept);
	http->answer_len += kept;
	return len; /* more than that is read and forgotten */
}

/* ---- A request ---- */

static size_t document_len(const struct batch *batch, size_t index) {
	size_t start = batch_start(batch, index), len = batch->ends[index] - start;
	return len > 0 && batch->data[start + len - 1] == '\n' ? len - 1 : len;
}

static void refuse(struct output_http *http, const struct batch *batch, size_t index, const char *why) {
	struct output_events *events = http->output.events;
	size_t start = batch_start(batch, index);
	events->reject(events->reject_context, why, batch->data + start, batch->ends[index] - start);
	settle_mark(&http->settle, index, SETTLE_REJECTED);
}

/* Of the documents that are not settled as many as a request may have. */
static int fill(struct output_http *http, const struct batch *batch) {
	uint64_t max = http->delivery->destination->document_max;
	http_body_clear(&http->body);
	http->sent_count = 0;
	for (size_t i = batch->done_count; i < batch->count && http->sent_count < http->sent_max; i++) {
		size_t len = document_len(batch, i);
		if (!settle_is_open(&http->settle, i))
			continue;
		if (max > 0 && len > max) {
			refuse(http, batch, i, "it is longer than max");
			continue;
		}
		if (http->sent_count > 0 && http->body.len + len > BODY_MAX)
			break;
		int error = http_body_add(&http->body, batch->data + batch_start(batch, i), len, http->wall_ns);
		if (error < 0)
			return error;
		http->sent[http->sent_count++] = i;
	}
	bool compress = http->delivery->destination->compress && http->sent_count > 0;
	return compress ? http_body_compress(&http->body) : 0;
}

static int begin(struct output_http *http, const struct batch *batch) {
	int error = settle_begin(&http->settle, batch);
	if (error == 0)
		error = fill(http, batch);
	if (error < 0 || http->sent_count == 0)
		return error;
	http->answer_len = 0;
	http->curl_error[0] = '\0';
	curl_easy_setopt(http->easy, CURLOPT_POSTFIELDS, http->body.data);
	curl_easy_setopt(http->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)http->body.len);
	if (curl_multi_add_handle(http->multi, http->easy) != CURLM_OK)
		return -ENOMEM;
	http->busy = true;
	return 0;
}

static void end(struct output_http *http) {
	if (http->busy)
		curl_multi_remove_handle(http->multi, http->easy);
	http->busy = false;
}

/* Lets libcurl do what it can. Returns whether the request is over, and how. */
static bool proceed(struct output_http *http, CURLcode *ret_code) {
	struct epoll_event events[8];
	int running = 1, left;
	if (http->timer_ns != 0 && now_ns() >= http->timer_ns) {
		http->timer_ns = 0;
		curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	int count = epoll_wait(http->epoll_fd, events, 8, 0);
	for (int i = 0; i < count; i++) {
		int action = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
			(events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
		curl_multi_socket_action(http->multi, events[i].data.fd, action, &running);
	}
	for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left)) != NULL;) {
		if (message->msg != CURLMSG_DONE)
			continue;
		*ret_code = message->data.result;
		end(http);
		return true;
	}
	return false;
}

/* ---- What came of it ---- */

static int fail(struct output_http *http, int error, long status) {
	int len = (int)(http->answer_len < 160 ? http->answer_len : 160);
	for (int i = 0; i < len; i++)
		if ((unsigned char)http->answer[i] < ' ' || (unsigned char)http->answer[i] > '~')
			http->answer[i] = ' ';
	snprintf(http->error, sizeof(http->error), "HTTP %ld%s%.*s", status, len > 0 ? ": " : "", len, len > 0 ? http->answer : "");
	return error;
}

static void settle_sent(struct output_http *http) {
	for (size_t i = 0; i < http->sent_count; i++)
		settle_mark(&http->settle, http->sent[i], SETTLE_STORED);
	if (http->sent_max < DOCUMENTS_MAX)
		http->sent_max *= 2;
}

static void on_item(void *context, size_t index, enum bulk_result result, const char *reason) {
	struct output_http *http = context;
	if (index >= http->sent_count)
		return;
	if (result == BULK_STORED) {
		settle_mark(&http->settle, http->sent[index], SETTLE_STORED);
	} else if (result == BULK_REJECTED) {
		refuse(http, http->settle.batch, http->sent[index], reason);
	} else {
		http->any_busy = true;
		snprintf(http->error, sizeof(http->error), "%.300s", reason);
	}
}

static int read_bulk_answer(struct output_http *http, long status) {
	http->any_busy = false;
	int count = bulk_answer_read(http->answer, http->answer_len, on_item, http);
	if (count < 0 || (size_t)count < http->sent_count)
		return fail(http, -EBADMSG, status);
	if (http->sent_max < DOCUMENTS_MAX)
		http->sent_max *= 2;
	return http->any_busy ? -EBUSY : 0;
}

/* One of them is not to be had: which one, smaller requests tell. */
static int halve(struct output_http *http, const struct batch *batch, long status) {
	if (http->sent_count > 1) {
		http->sent_max = http->sent_count / 2;
		return 0;
	}
	fail(http, 0, status);
	refuse(http, batch, http->sent[0], http->error);
	return 0;
}

static bool is_documents_fault(const struct output_http *http, long status) {
	if (status == 413)
		return true;
	if (status != 400 && status != 422)
		return false;
	/* Of Splunk's reasons for 400 only these are. */
	int code = http->delivery->destination->kind == DESTINATION_SPLUNK
		? collector_answer_read(http->answer, http->answer_len) : -1;
	return code == -1 || code == 5 || code == 6 || code == 12 || code == 13 || code == 15;
}

static int judge(struct output_http *http, const struct batch *batch, CURLcode code) {
	long status = 0;
	curl_off_t after = 0;
	http->pause_ns = 0;
	if (code != CURLE_OK) {
		snprintf(http->error, sizeof(http->error), "%s", http->curl_error[0] != '\0' ? http->curl_error : curl_easy_strerror(code));
		return code == CURLE_OPERATION_TIMEDOUT ? -ETIMEDOUT : -EIO;
	}
	curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300) {
		if (http->delivery->destination->kind == DESTINATION_ELASTIC)
			return read_bulk_answer(http, status);
		settle_sent(http);
		return 0;
	}
	if (is_documents_fault(http, status))
		return halve(http, batch, status);
	curl_easy_getinfo(http->easy, CURLINFO_RETRY_AFTER, &after);
	http->pause_ns = after > 0 && after < PAUSE_MAX_NS / SECOND_NS ? after * SECOND_NS : after > 0 ? PAUSE_MAX_NS : 0;
	return fail(http, status == 401 || status == 403 ? -EACCES : status == 429 || status >= 500 ? -EBUSY : -EPROTO, status);
}

static int http_write(struct output *output, struct batch *batch, int64_t wall_ns) {
	struct output_http *http = http_of(output);
	http->wall_ns = wall_ns;
	if (http->settle.batch != NULL && http->settle.batch != batch) {
		end(http);
		settle_end(&http->settle);
	}
	for (;;) {
		CURLcode code = CURLE_OK;
		int result = http->busy ? 0 : begin(http, batch);
		if (result < 0)
			return result;
		if (http->busy) {
			if (!proceed(http, &code))
				return 0;
			result = judge(http, batch, code);
		}
		if (settle_advance(&http->settle, batch, output->events))
			return 1;
		if (result < 0)
			return result;
	}
}

static void http_tick(struct output *output, int64_t wall_ns) {
}

static int http_reopen(struct output *output, int64_t wall_ns) {
	return 0;
}

static int http_finish(struct output *output, int64_t wall_ns) {
	struct output_http *http = http_of(output);
	end(http);
	settle_end(&http->settle);
	return 0;
}

static int http_poll_fd(const struct output *output) {
	return ((const struct output_http *)output)->epoll_fd;
}

static short http_poll_events(const struct output *output) {
	return POLLIN;
}

static int64_t http_poll_ns(const struct output *output) {
	const struct output_http *http = (const struct output_http *)output;
	if (http->timer_ns == 0)
		return SECOND_NS;
	int64_t left_ns = http->timer_ns - now_ns();
	return left_ns > 0 ? left_ns : 0;
}

static const char *http_describe(const struct output *output) {
	const struct output_http *http = (const struct output_http *)output;
	return http->error[0] != '\0' ? http->error : NULL;
}

static int64_t http_pause_ns(const struct output *output) {
	return ((const struct output_http *)output)->pause_ns;
}

static const struct held_directory *http_directory(const struct output *output) {
	static const struct held_directory none = {.fd = -1, .parent_fd = -1};
	return &none;
}

static void http_destroy(struct output *output) {
	struct output_http *http = http_of(output);
	if (http->multi != NULL)
		end(http);
	curl_easy_cleanup(http->easy);
	if (http->multi != NULL)
		curl_multi_cleanup(http->multi);
	curl_slist_free_all(http->headers);
	if (http->epoll_fd >= 0)
		close(http->epoll_fd);
	settle_finish(&http->settle);
	http_body_finish(&http->body);
	free(http->answer);
	free(http->sent);
	free(http);
}

static const struct output_kind http_kind = {
	.write = http_write,
	.tick = http_tick,
	.reopen = http_reopen,
	.finish = http_finish,
	.poll_fd = http_poll_fd,
	.poll_events = http_poll_events,
	.poll_ns = http_poll_ns,
	.describe = http_describe,
	.pause_ns = http_pause_ns,
	.directory = http_directory,
	.destroy = http_destroy,
};

/* ---- Beginning ---- */

static bool add_header(struct output_http *http, const char *header) {
	struct curl_slist *list = curl_slist_append(http->headers, header);
	if (list != NULL)
		http->headers = list;
	return list != NULL;
}

static bool add_authorization(struct output_http *http) {
	static const char *const words[] = {[DESTINATION_AUTH_BEARER] = "Bearer", [DESTINATION_AUTH_API_KEY] = "ApiKey",
		[DESTINATION_AUTH_SPLUNK] = "Splunk"};
	const struct destination *to = http->delivery->destination;
	const char *secret = http->delivery->credentials.secret;
	enum destination_auth auth = to->auth;
	if (secret == NULL)
		return true;
	if (auth == DESTINATION_AUTH_USUAL)
		auth = to->kind == DESTINATION_SPLUNK    ? DESTINATION_AUTH_SPLUNK
			: to->kind == DESTINATION_ELASTIC ? DESTINATION_AUTH_API_KEY
							  : DESTINATION_AUTH_BEARER;
	if (auth == DESTINATION_AUTH_BASIC)
		return curl_easy_setopt(http->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC) == CURLE_OK &&
			curl_easy_setopt(http->easy, CURLOPT_USERPWD, secret) == CURLE_OK;
	char *header;
	if (asprintf(&header, "Authorization: %s %s", words[auth], secret) < 0)
		return false;
	bool added = add_header(http, header);
	explicit_bzero(header, strlen(header));
	free(header);
	return added;
}

static bool set_blob(struct output_http *http, CURLoption option, char *text) {
	struct curl_blob blob = {.data = text, .len = text != NULL ? strlen(text) : 0, .flags = CURL_BLOB_NOCOPY};
	return text == NULL || curl_easy_setopt(http->easy, option, &blob) == CURLE_OK;
}

static bool set_tls(struct output_http *http) {
	struct credentials *credentials = &http->delivery->credentials;
	bool verify = http->delivery->destination->verify;
	return curl_easy_setopt(http->easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L) == CURLE_OK &&
		curl_easy_setopt(http->easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L) == CURLE_OK &&
		curl_easy_setopt(http->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
		curl_easy_setopt(http->easy, CURLOPT_CAPATH, NULL) == CURLE_OK && set_blob(http, CURLOPT_CAINFO_BLOB, credentials->ca) &&
		set_blob(http, CURLOPT_SSLCERT_BLOB, credentials->certificate) && set_blob(http, CURLOPT_SSLKEY_BLOB, credentials->key);
}

static bool set_url(struct output_http *http) {
	const struct destination *to = http->delivery->destination;
	static const char *const paths[] = {[DESTINATION_HTTP] = "",
		[DESTINATION_ELASTIC] = "/_bulk?filter_path=errors,items.*.status,items.*.error",
		[DESTINATION_SPLUNK] = "/services/collector/event"};
	char *url;
	/* A collector that is not where it always is was named with its path. */
	bool whole = to->kind == DESTINATION_SPLUNK && strstr(to->url, "/services/") != NULL;
	if (asprintf(&url, "%s%s", to->url, whole ? "" : paths[to->kind]) < 0)
		return false;
	bool set = curl_easy_setopt(http->easy, CURLOPT_URL, url) == CURLE_OK;
	free(url);
	return set;
}

static bool set_options(struct output_http *http) {
	CURL *easy = http->easy;
	const struct destination *to = http->delivery->destination;
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* what the environment says of proxies is not ours */
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(to->timeout_ns / MILLISECOND_NS));
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, http);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->curl_error);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "smtpscope");
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	if (!set_url(http) || !set_tls(http) || !add_authorization(http) ||
		!add_header(http, to->kind == DESTINATION_SPLUNK ? "Content-Type: application/json" : "Content-Type: application/x-ndjson") ||
		!add_header(http, "Expect:") || (to->compress && !add_header(http, "Content-Encoding: gzip")))
		return false;
	return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers) == CURLE_OK;
}

int delivery_open_http(struct delivery *delivery, struct output_events *events, struct output **ret_output) {
	struct output_http *http = calloc(1, sizeof(*http));
	if (http == NULL)
		return -ENOMEM;
	*http = (struct output_http){
		.output = {.kind = &http_kind, .events = events},
		.delivery = delivery,
		.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
		.body = {.destination = delivery->destination, .host_name = delivery->host_name},
		.sent_max = DOCUMENTS_MAX,
		.sent = calloc(2 * DOCUMENTS_MAX, sizeof(size_t)),
	};
	*ret_output = &http->output;
	if (http->epoll_fd < 0)
		return -errno;
	curl_global_init(CURL_GLOBAL_DEFAULT); /* counted: once more than the first does no harm */
	http->multi = curl_multi_init();
	http->easy = curl_easy_init();
	if (http->sent == NULL || http->multi == NULL || http->easy == NULL || !set_options(http))
		return -ENOMEM;
	return 0;
}
