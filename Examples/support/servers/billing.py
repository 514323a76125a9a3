"""Invoices and refunds: the server where a call spends money."""

from pathlib import Path
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS invoices (id TEXT PRIMARY KEY, customer TEXT, amount_cents INTEGER, currency TEXT);
CREATE TABLE IF NOT EXISTS refunds (id INTEGER PRIMARY KEY, invoice TEXT, amount_cents INTEGER, currency TEXT)
"""
SEED = {
    "invoices": [
        ("INV-20931", "C-77", 42000, "EUR"),
        ("INV-20932", "C-12", 9900, "EUR"),
    ]
}


def add_tools(server: MCPServer, folder: Path) -> None:
    database = Database(folder, "billing", SCHEMA, SEED)

    def invoice(id: str) -> dict:
        found = database.row("SELECT * FROM invoices WHERE id = ?", id)
        if found is None:
            raise ToolError(f"no invoice {id}")
        return found

    @server.tool(description="One invoice.")
    def get_invoice(id: str) -> dict[str, Any]:
        database.count("get_invoice", id=id)
        return invoice(id)

    @server.tool(description="Pays money back for an invoice.")
    def refund_request(
        invoice_id: str,
        amount_cents: Annotated[int, Field(ge=1, le=1_000_000)],
        currency: Literal["EUR", "USD"],
    ) -> dict[str, Any]:
        database.count(
            "refund_request", invoice_id=invoice_id, amount_cents=amount_cents, currency=currency
        )
        invoice(invoice_id)
        with database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO refunds (invoice, amount_cents, currency) VALUES (?, ?, ?)",
                (invoice_id, amount_cents, currency),
            )
        return {"refund": cursor.lastrowid, "amount_cents": amount_cents, "currency": currency}
