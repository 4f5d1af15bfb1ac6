"""The page that lies in a setup's folder: what to copy where."""

from __future__ import annotations

from typing import Final

from edge_agent.broker import mosquitto
from edge_agent.broker.site_file import Site

_PAGE: Final = """\
# Broker of {site}

Written by `crswatch broker init`. To change it, change the site file, run the command again with
`--replace`, and copy again.

1. **Broker's machine** ({host}), with mosquitto 2.0 or newer from its distribution:

   ```sh
   sudo mkdir -p {folder}
   sudo cp broker/* {folder}/
   sudo chown -R root:root {folder}
   sudo chown mosquitto: {folder}/{key} {folder}/{acl}
   sudo install -D -m 644 broker/{drop_in} /etc/systemd/system/mosquitto.service.d/crswatch.conf
   sudo systemctl daemon-reload
   sudo systemctl restart mosquitto
   ```

2. **Each gateway and board** ({names}): copy `clients/NAME/` beside its configuration, make its
   user the owner of `client.key`, and paste `mqtt.toml` into the configuration. `crswatch
   check-config` reads the files.
3. **Other accounts** ({others}): `ca.pem`, `client.pem` and `client.key` of `clients/NAME/` go into
   the settings of their programs.
4. **`authority/` stays off the broker's machine.** Whoever has `ca.key` can be anybody. Keep it on
   a removable disk and name it with `--authority`; without it no certificate can be renewed or
   revoked.
5. Delete the private keys in `clients/` and `broker/` here once they are copied.

To remove a bed, first restart its gateway without it, so that it clears its alerts from the broker,
and write the access list afterwards. To remove an account, also run `crswatch broker revoke NAME`.
"""


def guide(site: Site) -> str:
    """Return the text of the page."""
    with_config = [
        name
        for ward in site.wards
        for name in (*(gateway.name for gateway in ward.gateways), *ward.boards)
    ]
    others = [name for name in site.accounts() if name not in with_config]
    return _PAGE.format(
        site=site.name,
        host=site.broker.hosts[0],
        folder=site.broker.folder,
        key=mosquitto.SERVER_KEY,
        acl=mosquitto.ACCESS_LIST,
        drop_in=mosquitto.DROP_IN,
        names=", ".join(with_config),
        others=", ".join(others) or "none",
    )
