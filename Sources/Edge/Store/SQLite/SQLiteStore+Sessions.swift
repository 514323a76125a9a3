package import InterlockModel
package import InterlockPorts

extension SQLiteStore: PersonSessionStore {
    package func keep(sessions: [StoredSession], now: Timestamp) async throws(StoreFailure) {
        try await perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                try database.run(
                    "DELETE FROM person_session WHERE ends <= ?", .integer(now.microseconds))
                for session in sessions {
                    try database.run(
                        """
                        INSERT INTO person_session (token, body, ends) VALUES (?, ?, ?)
                        ON CONFLICT (token) DO UPDATE SET body = excluded.body, ends = excluded.ends
                        """, .text(session.token.base64), .text(session.text),
                        .integer(session.ends.microseconds))
                }
            }
        }
    }

    package func forget(sessions: [Digest]) async throws(StoreFailure) {
        try await perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                for token in sessions {
                    try database.run(
                        "DELETE FROM person_session WHERE token = ?", .text(token.base64))
                }
            }
        }
    }

    package func keptSessions() async throws(StoreFailure) -> [StoredSession] {
        try await perform { database throws(DatabaseError) in
            try database.run("SELECT token, body, ends FROM person_session").compactMap { row in
                guard let token = row[0].text.flatMap({ Digest(base64: $0) }),
                    let text = row[1].text, let ends = row[2].integer
                else { return nil }
                return StoredSession(
                    token: token, text: text, ends: Timestamp(microseconds: ends))
            }
        }
    }
}
