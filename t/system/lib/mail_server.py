#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A mail server on 127.0.0.1 that speaks TLS: mail_server.py KIND CERTIFICATE KEY DIRECTORY.

KIND: starttls (offers STARTTLS) or smtps (TLS from the first byte). Its port is written to
DIRECTORY/port. Each mail it takes is appended to DIRECTORY/got, ending with a NUL, behind a line that says
"tls" or "plain".
"""
import asyncio
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP

KIND, CERTIFICATE, KEY, DIRECTORY = sys.argv[1:]


class Mails:
    async def handle_DATA(self, server, session, envelope):
        encrypted = KIND == "smtps" or session.ssl is not None
        with open(os.path.join(DIRECTORY, "got"), "a") as file:
            file.write(("tls" if encrypted else "plain") + "\n" + envelope.content.decode() + "\0")
        return "250 taken"


async def serve():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    offered, around = (context, None) if KIND == "starttls" else (None, context)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Mails(), tls_context=offered), "127.0.0.1", 0, ssl=around)
    with open(os.path.join(DIRECTORY, "port.new"), "w") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    os.rename(os.path.join(DIRECTORY, "port.new"), os.path.join(DIRECTORY, "port"))
    await server.serve_forever()


asyncio.run(serve())
