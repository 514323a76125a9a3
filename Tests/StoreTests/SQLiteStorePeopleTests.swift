import InterlockAdministration
import InterlockApprovals
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockStore

@Suite struct SQLiteStorePeopleTests {
    @Test func `what is known of people survives a restart, and what is forgotten does not`()
        async throws
    {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        let store = try SQLiteStore(path: path)
        #expect(try await store.peopleRows().isEmpty)
        try await store.keep(people: [
            PeopleRow(.passkey, "a", ["n": 1]), PeopleRow(.invitation, "a", ["n": 2]),
            PeopleRow(.enrolment, "b", ["t": "größer"]), PeopleRow(.service, "c", ["n": 4]),
        ])
        try await store.keep(people: [
            PeopleRow(.passkey, "a", ["n": 3]), PeopleRow(.invitation, "a", nil),
            PeopleRow(.invitation, "never", nil),
        ])
        store.close()
        let again = try SQLiteStore(path: path)
        defer { again.close() }
        #expect(
            try await again.peopleRows() == [
                PeopleRow(.enrolment, "b", ["t": "größer"]), PeopleRow(.passkey, "a", ["n": 3]),
                PeopleRow(.service, "c", ["n": 4]),
            ])
    }
}
