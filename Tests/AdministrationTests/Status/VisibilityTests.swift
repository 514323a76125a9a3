import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

struct VisibilityTests {
    private func visibility(_ roles: Set<Role>, owns: [AgentName] = []) throws -> Visibility {
        Visibility(
            person: try #require(Person("ines@acme.example")), roles: roles, own: Set(owns))
    }

    @Test func `whoever has neither role nor agent sees none`() throws {
        let refunds = try #require(AgentName("refunds"))
        let nobody = try visibility([])
        #expect(!nobody.sees(refunds) && !nobody.reads(refunds))
        #expect(!nobody.seesAll && !nobody.readsAll && !nobody.readsSome)
    }

    @Test func `an owner reads what is theirs alone`() throws {
        let (refunds, triage) = (
            try #require(AgentName("refunds")), try #require(AgentName("triage"))
        )
        let owner = try visibility([], owns: [refunds])
        #expect(owner.sees(refunds) && owner.reads(refunds) && owner.readsSome)
        #expect(!owner.sees(triage) && !owner.reads(triage))
    }

    @Test(arguments: Role.allCases)
    func `every role sees all agents, and security alone reads what they did`(
        _ role: Role
    ) throws {
        let refunds = try #require(AgentName("refunds"))
        let holder = try visibility([role])
        #expect(holder.sees(refunds) && holder.seesAll)
        #expect(holder.reads(refunds) == (role == .security))
        #expect(holder.readsAll == (role == .security))
        #expect(holder.readsSome == (role == .security))
    }
}
