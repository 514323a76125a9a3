import InterlockCluster
import InterlockJSON
import InterlockModel
import InterlockPolicyReview
import InterlockTesting
import Testing

@testable import InterlockCredentials

/// Sign-offs of revisions that wait, as rows of a cluster's store.
struct SignOffRowTests {
    @Test func `a sign-off comes back from its row as it was`() throws {
        let digest = OpenSSLHashing().sha256([1]).prefixed
        let file: JSONValue = [
            "author": "li@acme.example", "digest": .string(digest),
            "files": ["safety.yaml": .string(digest)], "signatures": [],
            "tests": .string(digest),
        ]
        let signOff = try SignOff(parsing: try file.canonical())
        let ends = Timestamp(microseconds: 1_795_000_000_000_000)
        let content = try JSONValue(parsing: try signOff.bytes(), limits: .stored)
        let row = try WaitingRow(
            .revision, ExactText(digest), version: 2, ends: ends, content: content)
        let statement = RowStatement(
            org: "acme", at: ends, node: NodeName("gw1").unwrapped,
            head: ChainHead(number: 3, digest: OpenSSLHashing().sha256([2])), row: row)
        let again = try RowStatement<WaitingRow>(
            parsing: try statement.canonical(), limit: RowTable.revision.bodyLimit
        ).row
        #expect(again == row)
        #expect(try SignOff(parsing: try again.content.canonical()) == signOff)
    }
}
