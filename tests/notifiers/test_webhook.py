"""Details of the webhook: secrets, certificates, answers, and what messages may say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.model.errors import DeliveryError
from edge_agent.notifiers.webhook import Webhook, WebhookConfig
from tests.notifiers.case import PLACE
from tests.support.certificates import made_certificates
from tests.support.notices import AT, a_notice
from tests.support.web_receiver import WebReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    found = WebReceiver()
    found.start()
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture
def config(receiver: WebReceiver) -> WebhookConfig:
    url = f"http://127.0.0.1:{receiver.port}/T0P-SECRET/path"
    return WebhookConfig("pager", url, PLACE, timeout_s=2.0)


def failure(config: WebhookConfig) -> DeliveryError:
    way = Webhook(config)
    with pytest.raises(DeliveryError) as caught:
        way.notify(a_notice(1))
    way.close()
    return caught.value


def test_a_notice_is_posted_as_json_to_the_whole_path(
    config: WebhookConfig, receiver: WebReceiver
) -> None:
    Webhook(config).notify(a_notice(1))
    post = receiver.next()
    assert post.path == "/T0P-SECRET/path"
    assert post.headers["Content-Type"] == "application/json"
    assert post.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert "Authorization" not in post.headers
    assert post.json()["notice_id"] == "n-1"


def test_the_secret_is_read_anew_each_time_and_never_told(
    config: WebhookConfig, receiver: WebReceiver, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("Bearer hunter2\n")
    config = replace(config, secret_file=secret, secret_header="X-Key")
    Webhook(config).beat(AT)
    assert receiver.next().headers["X-Key"] == "Bearer hunter2"
    receiver.status, receiver.text = 401, b"Bearer hunter2 is unknown"
    words = str(failure(config))
    assert words.endswith("401 (check secret_file and secret_header): *** is unknown")
    secret.write_text("Bearer second\n")
    receiver.status = 200
    Webhook(config).beat(AT)
    receiver.next()
    assert receiver.next().headers["X-Key"] == "Bearer second"
    secret.unlink()
    error = failure(config)
    assert "secret: cannot be read" in str(error)
    assert error.retryable


@pytest.mark.parametrize("status", [400, 413, 415, 422, 401, 404, 408, 429, 500, 503, 302, 199])
def test_only_what_concerns_the_notice_itself_is_final(
    config: WebhookConfig, receiver: WebReceiver, status: int
) -> None:
    receiver.status = status
    error = failure(config)
    assert error.retryable is (status not in {400, 413, 415, 422})
    if status != 199:  # an interim answer is followed by no other one
        assert f"answered {status}" in str(error)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_success_is_a_delivery(
    config: WebhookConfig, receiver: WebReceiver, status: int
) -> None:
    receiver.status = status
    Webhook(config).notify(a_notice(1))


def test_a_redirect_is_not_followed(config: WebhookConfig, receiver: WebReceiver) -> None:
    receiver.status, receiver.location = 307, f"http://127.0.0.1:{receiver.port}/elsewhere"
    assert "sends us elsewhere" in str(failure(config))
    receiver.next()
    assert receiver.posts.empty()


def test_no_message_shows_the_path_which_may_be_a_secret(
    config: WebhookConfig, receiver: WebReceiver
) -> None:
    receiver.status, receiver.text = 500, b"x" * 5000
    words = [str(failure(config))]
    receiver.stop()
    words.append(str(failure(config)))
    assert "T0P-SECRET" not in "".join(words)
    assert len(words[0]) < 300
    assert words[1] == f"http://127.0.0.1:{receiver.port} does not answer: Connection refused"


def test_a_server_of_another_authority_is_not_trusted(tmp_path: Path) -> None:
    ours, theirs = (made_certificates(tmp_path / name) for name in ("ours", "theirs"))
    receiver = WebReceiver(theirs.server())
    receiver.start()
    url = f"https://127.0.0.1:{receiver.port}/"
    for ca in (ours.ca, None):
        words = str(failure(WebhookConfig("pager", url, PLACE, tls_ca=ca)))
        assert "its certificate is not trusted" in words
    error = failure(WebhookConfig("pager", url, PLACE, tls_ca=tmp_path / "gone"))
    assert "gone: cannot be used" in str(error)
    receiver.stop()


def test_a_server_may_want_our_certificate(tmp_path: Path) -> None:
    certificates = made_certificates(tmp_path)
    receiver = WebReceiver(certificates.server(wants_client=True))
    receiver.start()
    config = WebhookConfig(
        "pager", f"https://127.0.0.1:{receiver.port}/", PLACE, tls_ca=certificates.ca
    )
    assert failure(config).retryable
    own = replace(config, tls_cert=certificates.client, tls_key=certificates.client_key)
    Webhook(own).notify(a_notice(1))
    assert receiver.next().json()["kind"] == "notice"
    receiver.stop()
