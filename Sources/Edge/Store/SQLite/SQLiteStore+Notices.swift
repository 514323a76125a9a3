package import InterlockModel
package import InterlockPorts

extension SQLiteStore: NoticeStore {
    package func note(
        told names: [String], until end: Timestamp, now: Timestamp
    ) async throws(StoreFailure) {
        try await perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                for name in names {
                    try database.run(
                        """
                        INSERT INTO told (name, until) VALUES (?, ?)
                        ON CONFLICT (name) DO UPDATE SET until = max(until, excluded.until)
                        """, .text(name), .integer(end.microseconds))
                }
                try database.run("DELETE FROM told WHERE until < ?", .integer(now.microseconds))
            }
        }
    }

    package func told(among names: [String]) async throws(StoreFailure) -> Set<String> {
        try await perform { database throws(DatabaseError) in
            var found: Set<String> = []
            for name in names {
                let rows = try database.run("SELECT name FROM told WHERE name = ?", .text(name))
                if !rows.isEmpty { found.insert(name) }
            }
            return found
        }
    }
}

extension SQLiteStore: DenialLinkStore {
    package func keep(_ link: DenialLink, now: Timestamp) async throws(StoreFailure) {
        try await perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                try database.run(
                    "DELETE FROM denial_link WHERE expires <= ?", .integer(now.microseconds))
                try database.run(
                    """
                    INSERT INTO denial_link (hash, request, person, expires, spent)
                    VALUES (?, ?, ?, ?, 0) ON CONFLICT (hash) DO NOTHING
                    """, .text(link.hash.base64), .text(link.request.text),
                    .text(link.person.text), .integer(link.expires.microseconds))
            }
        }
    }

    package func link(
        _ hash: Digest, now: Timestamp
    ) async throws(StoreFailure) -> DenialLink? {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run(
                """
                SELECT request, person, expires FROM denial_link
                WHERE hash = ? AND spent = 0 AND expires > ?
                """, .text(hash.base64), .integer(now.microseconds))
        }
        guard let row = rows.first else { return nil }
        guard let request = row[0].text.flatMap({ ApprovalID($0) }), let person = row[1].text,
            let expires = row[2].integer
        else { throw StoreFailure(reason: "a stored link has another form") }
        return DenialLink(
            hash: hash, request: request, person: Pseudonym(text: person),
            expires: Timestamp(microseconds: expires))
    }

    package func spend(_ hash: Digest) async throws(StoreFailure) -> Bool {
        try await perform { database throws(DatabaseError) in
            try database.run(
                "UPDATE denial_link SET spent = 1 WHERE hash = ? AND spent = 0",
                .text(hash.base64))
            return database.changes == 1
        }
    }
}
