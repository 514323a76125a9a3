"""The knowledge base for answers to customers."""

from pathlib import Path
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from database import Database

SCHEMA = "CREATE TABLE IF NOT EXISTS articles (id TEXT PRIMARY KEY, title TEXT, body TEXT)"
SEED = {
    "articles": [
        ("KB-1", "Goods damaged in transit", "Ask for a photograph, then offer a refund or a replacement."),
        ("KB-2", "Finding an invoice", "Invoices are listed under Account, then Billing."),
        ("KB-3", "Changing an address", "The customer changes it in the account; we never do it by mail."),
    ]
}


def add_tools(server: MCPServer, folder: Path) -> None:
    database = Database(folder, "kb", SCHEMA, SEED)

    @server.tool(description="Articles whose title or body contains the text.")
    def search(text: str) -> dict[str, Any]:
        database.count("search", text=text)
        pattern = f"%{text}%"
        return {
            "articles": database.rows(
                "SELECT id, title FROM articles WHERE title LIKE ? OR body LIKE ? ORDER BY id", pattern, pattern
            )
        }

    @server.tool(description="One article.")
    def get_article(id: str) -> dict[str, Any]:
        database.count("get_article", id=id)
        found = database.row("SELECT * FROM articles WHERE id = ?", id)
        if found is None:
            raise ToolError(f"no article {id}")
        return found
