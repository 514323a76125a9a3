"""Inbound tickets of customers."""

from pathlib import Path
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS tickets (id TEXT PRIMARY KEY, customer TEXT, subject TEXT, body TEXT, status TEXT);
CREATE TABLE IF NOT EXISTS labels (ticket TEXT, label TEXT, UNIQUE (ticket, label))
"""
SEED = {
    "tickets": [
        ("T-1001", "C-77", "Lamp arrived broken", "The glass of order A-1009 was cracked.", "open"),
        ("T-1002", "C-12", "Where is my invoice?", "I cannot find the invoice of March.", "open"),
        ("T-1003", "C-31", "Change of address", "We moved; please update our address.", "open"),
        ("T-1004", "C-77", "Lamp works now", "The replacement works, thank you.", "closed"),
    ]
}


def add_tools(server: MCPServer, folder: Path) -> None:
    database = Database(folder, "tickets", SCHEMA, SEED)

    def ticket(id: str) -> dict:
        found = database.row("SELECT * FROM tickets WHERE id = ?", id)
        if found is None:
            raise ToolError(f"no ticket {id}")
        labels = database.rows("SELECT label FROM labels WHERE ticket = ? ORDER BY label", id)
        return {**found, "labels": [row["label"] for row in labels]}

    @server.tool(description="One ticket with its labels.")
    def get_ticket(id: str) -> dict[str, Any]:
        database.count("get_ticket", id=id)
        return ticket(id)

    @server.tool(description="Tickets whose subject or body contains the text.")
    def search(text: str, limit: int = 10) -> dict[str, Any]:
        database.count("search", text=text, limit=limit)
        pattern = f"%{text}%"
        return {
            "tickets": database.rows(
                "SELECT id, subject, status FROM tickets WHERE subject LIKE ? OR body LIKE ? ORDER BY id LIMIT ?",
                pattern, pattern, max(0, min(limit, 100)),
            )
        }

    @server.tool(description="Puts a label on a ticket.")
    def add_label(id: str, label: str) -> dict[str, Any]:
        database.count("add_label", id=id, label=label)
        ticket(id)
        with database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO labels VALUES (?, ?)", (id, label))
        return ticket(id)

    @server.tool(description="Closes a ticket; the customer is told.")
    def close_ticket(id: str, message: str) -> dict[str, Any]:
        database.count("close_ticket", id=id, message=message)
        ticket(id)
        with database.transaction() as connection:
            connection.execute("UPDATE tickets SET status = 'closed' WHERE id = ?", (id,))
        return ticket(id)
