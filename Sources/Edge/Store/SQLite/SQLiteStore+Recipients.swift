package import InterlockModel
package import InterlockPorts

extension SQLiteStore: RecipientStore {
    package func recipients(since time: Timestamp) async throws(StoreFailure) -> [NamedRecipient] {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run(
                "SELECT agent, tool, digest, at FROM recipient WHERE at > ?",
                .integer(time.microseconds))
        }
        return try rows.map { row throws(StoreFailure) in
            guard row.count == 4, let agent = row[0].text.flatMap({ AgentName($0) }),
                let tool = row[1].text.flatMap({ ToolAddress(wireName: $0) }),
                let digest = row[2].text.flatMap({ Digest(base64: $0) }), let at = row[3].integer
            else { throw StoreFailure(reason: "a recipient that counts for a limit is unreadable") }
            return NamedRecipient(
                agent: agent, tool: tool, digest: digest, at: Timestamp(microseconds: at))
        }
    }

    package func keep(
        recipients: [NamedRecipient], removingBefore time: Timestamp
    ) async throws(StoreFailure) {
        try await perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                try database.run("DELETE FROM recipient WHERE at <= ?", .integer(time.microseconds))
                for one in recipients {
                    try database.run(
                        "INSERT OR REPLACE INTO recipient (digest, agent, tool, at) VALUES (?, ?, ?, ?)",
                        .text(one.digest.base64), .text(one.agent.text), .text(one.tool.wireName),
                        .integer(one.at.microseconds))
                }
            }
        }
    }
}
