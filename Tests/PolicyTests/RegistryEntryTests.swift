import InterlockModel
import Testing

@testable import InterlockPolicy

/// A registry's statement about a version in the lock.
@Suite struct RegistryEntryTests {
    private static let official = "io.modelcontextprotocol.registry/official"

    private func entry(_ text: String) throws -> RegistryEntry {
        try RegistryEntry(parsing: Array(text.utf8), name: "a.example/b", version: "1.0+x")
    }

    private func text(_ meta: String, version: String = "1.0+x") -> String {
        """
        {"server": {"name": "a.example/b", "version": "\(version)", "x": 1}, "_meta": \(meta)}
        """
    }

    @Test(arguments: RegistryEntry.Status.allCases)
    func `each status is read`(_ status: RegistryEntry.Status) throws {
        let meta =
            "{\"\(Self.official)\": {\"status\": \"\(status.rawValue)\", \"statusMessage\": \"why\"}}"
        let found = try entry(text(meta))
        #expect(found.status == status)
        #expect(found.message == "why")
    }

    @Test func `silence is not active`() {
        let metas = [
            "{}", "{\"\(Self.official)\": {}}", "{\"\(Self.official)\": {\"status\": \"fine\"}}",
            "{\"other\": {\"status\": \"active\"}}", "null",
        ]
        for meta in metas {
            #expect(throws: FormError.self, "\(meta)") { try entry(text(meta)) }
        }
        let active = "{\"\(Self.official)\": {\"status\": \"active\"}}"
        #expect(throws: FormError.self) { try entry(text(active, version: "1.1")) }
        #expect(throws: FormError.self) { try entry("") }
    }

    @Test func `the path is of one version of one name`() {
        #expect(
            RegistryEntry.path(name: "a.example/b", version: "1.0+x")
                == "/v0.1/servers/a.example%2Fb/versions/1.0%2Bx?include_deleted=true")
    }
}
