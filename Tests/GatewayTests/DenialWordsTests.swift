import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockGatewayBench

/// The words about a denial by people that its caller reads.
@Suite struct DenialWordsTests {
    /// Denies a waiting call of the group `finance`, and returns what its caller reads.
    private func answer(
        _ policy: [(String, String)], _ reason: DenialReason?, _ text: String
    ) async throws -> String {
        let bench = try Bench(policy: policy)
        let call = try await Client.open(bench).begin("note")
        let id = try await bench.request().id
        _ = try await bench.approvals.object(
            to: id,
            Objection(
                person: People.all["rui"].person, pseudonym: People.all["rui"].pseudonym,
                revision: nil, means: .session, reason: reason, text: text))
        let result = await call.answer().message?["result"]
        return result?["content"]?.array?.first?["text"]?.string ?? "none"
    }

    private static let disclosed = [
        (
            "rui@acme.example, dana@acme.example], expires: 30m}",
            "rui@acme.example, dana@acme.example], expires: 30m, denials: disclosed}"
        )
    ]

    @Test func `a caller receives a denial, and not its reason`() async throws {
        let text = try await answer([], .tooMuch, "not more than two")
        #expect(text == "the call was not approved: denied")
    }

    @Test(arguments: [
        (DenialReason.tooMuch, "not more than two", "too-much, not more than two"),
        (.wrongTarget, "", "wrong-target"),
    ])
    func `where the policy lets it through, the caller reads the person's reason and words`(
        reason: DenialReason, text: String, words: String
    ) async throws {
        let read = try await answer(Self.disclosed, reason, text)
        #expect(read.hasSuffix("; the person says: \(words)"))
    }

    @Test func `a signed denial has no reason to tell`() async throws {
        let read = try await answer(Self.disclosed, nil, "")
        #expect(!read.contains("says"))
    }
}
