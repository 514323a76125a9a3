package import InterlockJSON
import InterlockModel
package import InterlockPorts

extension SQLiteStore: SignOffStore {
    package func acceptedRevision() async throws(StoreFailure) -> JSONValue? {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run("SELECT 'revision', body FROM sign_off")
        }
        return try bodies(of: rows).first
    }

    package func acceptedLock() async throws(StoreFailure) -> JSONValue? {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run("SELECT 'lock', body FROM accepted_lock")
        }
        return try bodies(of: rows).first
    }

    package func accept(lock: JSONValue) async throws(StoreFailure) {
        let text = String(decoding: lock.serialized(), as: UTF8.self)
        try await perform { database throws(DatabaseError) in
            try database.run(
                """
                INSERT INTO accepted_lock (only, body) VALUES (1, ?)
                ON CONFLICT (only) DO UPDATE SET body = excluded.body
                """, .text(text))
        }
    }

    package func accept(revision: JSONValue) async throws(StoreFailure) {
        let text = String(decoding: revision.serialized(), as: UTF8.self)
        try await perform { database throws(DatabaseError) in
            try database.run(
                """
                INSERT INTO sign_off (only, body) VALUES (1, ?)
                ON CONFLICT (only) DO UPDATE SET body = excluded.body
                """, .text(text))
        }
    }
}
