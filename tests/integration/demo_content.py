# SPDX-License-Identifier: BSD-2-Clause
"""The demonstration's rows about content: a program that hides, a card number, a disclaimer."""

import email
import email.policy
import io
import zipfile

import attachments
from demo_table import Row
from scene import ALPHA, ALPHA_IP
from sink import on_the_wire

SENDER = "a@alpha.example"
CARD = "4111 1111 1111 1111"
FOOTER = "Alpha GmbH, Köln, HRB 4711"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(44) + b"\x80\x00\x00\x00" + bytes(200)


def hidden_program(mark):
    """A program that is called invoice.pdf, in a zip."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("invoice.pdf", PROGRAM)
    return attachments.attached(SENDER, mark, file.getvalue(), "invoice.zip")


def parsed(delivery):
    raw = on_the_wire(delivery).replace(b"\r\n", b"\n")
    return email.message_from_bytes(raw, policy=email.policy.default)


class Content:
    def __init__(self, table, signing):
        self.table = table
        self.signing = signing

    def rule(self, *words):
        self.table.note(f"easymailctl rule add {' '.join(repr(word) for word in words)}")
        said = self.table.relay.ctl("rule", "add", *words).stdout
        return said.split()[1].rstrip(":")

    def run(self):
        row = Row("a program, renamed .pdf, in a zip", ALPHA, SENDER, expect="550 5.7.1 Programs", data=hidden_program)
        self.table.run(row)
        self.rule("card", 'reject "Card numbers may not be mailed"', "alpha")
        row = Row("a payment card's number", ALPHA, SENDER, expect="550 5.7.1 Card", data=self.with_card)
        self.table.run(row)
        number = self.rule("any", f'disclaimer "{FOOTER}"', "alpha")
        self.table.run(
            Row("disclaimer added", ALPHA, SENDER, leaves_from=(ALPHA_IP,), data=self.with_file, proof=self.disclaimed)
        )
        self.table.relay.ctl("rule", "delete", number)

    @staticmethod
    def with_card(mark):
        return attachments.plain(SENDER, mark, f"take it from {CARD}".encode())

    @staticmethod
    def with_file(mark):
        return attachments.attached(SENDER, mark, attachments.PDF, "a.pdf")

    def disclaimed(self, delivery):
        """That the text ends with it, the rest is as it was, another MIME parser has no complaint, and it is signed."""
        message = parsed(delivery)
        (file,) = message.iter_attachments()
        defects = [defect for part in message.walk() for defect in part.defects]
        signed, said = self.signing.verified(delivery)
        is_right = FOOTER in message.get_body().get_content() and file.get_content() == attachments.PDF
        return is_right and not defects and signed, f"text and attachment are whole; {said}"
