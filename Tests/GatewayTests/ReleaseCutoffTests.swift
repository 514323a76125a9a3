import InterlockCredentials
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Credentials that were issued before a release.
@Suite struct ReleaseCutoffTests {
    private let release = Timestamp(microseconds: 1_795_000_000_700_000)
    private let owner = PlainPseudonyms().pseudonym(of: Person("ines@acme.example").unwrapped)

    private func principal(
        _ agent: String, issued: Timestamp?, isFromOutside: Bool = false
    ) throws -> Principal {
        Principal(
            agent: try #require(AgentName(agent)), run: NameAuthenticator.run(of: agent),
            purpose: nil,
            onBehalfOf: nil, credential: "jti", issued: issued, expires: release + .seconds(90_000),
            isFromOutside: isFromOutside)
    }

    private func refuses(
        _ targets: [HaltTarget], _ principal: Principal, owner: Pseudonym? = nil,
        after: Duration = .seconds(5)
    ) -> Bool {
        var cutoffs = ReleaseCutoffs()
        cutoffs.add(targets, at: release)
        return cutoffs.refuses(principal, owner: { owner }, at: release + after)
    }

    @Test func `one that was issued before is invalid, one of the same second or later is not`()
        throws
    {
        let clerk = try #require(AgentName("clerk"))
        let before = try principal("clerk", issued: release + .seconds(-1))
        #expect(refuses([.agent(clerk)], before, owner: owner))
        #expect(!refuses([.agent(clerk)], try principal("clerk", issued: release), owner: owner))
        #expect(
            !refuses(
                [.agent(clerk)], try principal("coder", issued: before.issued), owner: owner))
        #expect(refuses([.org], before, owner: owner))
        #expect(refuses([.run(before.run)], before, owner: owner))
        #expect(!refuses([], before))
    }

    @Test func `one of an outside issuer is invalid in the whole second of the release`() throws {
        for (milliseconds, isRefused) in [(-700, true), (0, true), (299, true), (300, false)] {
            let issued = release + .milliseconds(milliseconds)
            #expect(
                refuses([.org], try principal("clerk", issued: issued, isFromOutside: true))
                    == isRefused)
        }
    }

    @Test func `an owner that is not known counts as each one, and servers and tools as none`()
        throws
    {
        let before = try principal("clerk", issued: release + .seconds(-1))
        let other = PlainPseudonyms().pseudonym(of: try #require(Person("paul@acme.example")))
        #expect(refuses([.owner(owner)], before, owner: owner))
        #expect(!refuses([.owner(owner)], before, owner: other))
        #expect(refuses([.owner(owner)], before))
        #expect(!refuses([.server(try #require(ServerName("desk")))], before, owner: owner))
    }

    @Test func `one that does not state when it was issued is invalid for a day`() throws {
        let unstated = try principal("clerk", issued: nil)
        #expect(refuses([.org], unstated, owner: owner, after: .seconds(86_399)))
        #expect(!refuses([.org], unstated, owner: owner, after: .seconds(86_400)))
    }
}
