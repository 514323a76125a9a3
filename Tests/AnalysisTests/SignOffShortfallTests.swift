import InterlockModel
import Testing

@testable import InterlockPolicyReview

/// The words for a revision that lacks signatures: how many, of whom, and the command.
@Suite struct SignOffShortfallTests {
    private func people(_ names: [String]) throws -> [Person] {
        try names.map { try #require(Person("\($0)@acme.example")) }
    }

    private func shortfall(
        signers: [String] = [], candidates: [String], uncounted: Int = 0,
        _ comparison: RevisionComparison = .widens
    ) throws -> SignOffShortfall {
        SignOffShortfall(
            author: try #require(Person("li@acme.example")), signers: try people(signers),
            candidates: try people(candidates), uncounted: uncounted, comparison: comparison)
    }

    @Test func `the numbers are those of people other than the author`() throws {
        let found = try shortfall(signers: ["sam"], candidates: ["ada"])
        #expect(
            found.words
                == "signed by 1 of 2 people other than its author `li@acme.example`, as it widens the "
                + "policy; signed by `sam@acme.example`")
        #expect(
            found.remedy
                == "1 more must sign, of `ada@acme.example`: `interlock policy diff OLD NEW --sign KEY`, "
                + "where OLD is the policy in force")
    }

    @Test(arguments: [
        RevisionComparison.equal, .narrows, .widens, .notComparable,
    ])
    func `each kind of change says why it needs its number`(_ kind: RevisionComparison) throws {
        let found = try shortfall(candidates: ["ada", "sam"], kind)
        #expect(found.missing == kind.signersNeeded)
        #expect(found.words.hasPrefix("signed by 0 of \(kind.signersNeeded) "))
        #expect(found.remedy.hasPrefix("\(kind.signersNeeded) more must sign, of "))
    }

    @Test func `too few who may sign have the way to a further person, and no list of signers`()
        throws
    {
        let one = try shortfall(candidates: ["sam"])
        #expect(one.remedy.hasPrefix("2 more must sign, and only `sam@acme.example` may sign"))
        let none = try shortfall(signers: ["sam"], candidates: [])
        #expect(none.remedy.hasPrefix("1 more must sign, and no further person may sign"))
        for found in [one, none] { #expect(found.remedy.contains("people invite EMAIL")) }
    }

    @Test func `signatures that do not count are named as that, and long lists are cut`() throws {
        let found = try shortfall(
            candidates: (0..<7).map { "p\($0)" }, uncounted: 1)
        #expect(found.words.contains("1 signature does not count: "))
        #expect(found.remedy.contains("`p4@acme.example` and 2 more: "))
        #expect(!found.remedy.contains("p5"))
        #expect(try !shortfall(candidates: []).words.contains("not count"))
    }
}
