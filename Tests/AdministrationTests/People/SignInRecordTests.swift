import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

@Suite struct SignInRecordTests {
    @Test func `a sign-in is of who began it, and names another who brought the answer`() throws {
        let (li, mo) = (Pseudonym(text: "li"), Pseudonym(text: "mo"))
        let signed = SignedIn(
            server: try #require(ServerName("up")), agent: try #require(AgentName("triage")),
            issuer: "https://idp.example", scopes: ["a"], state: "refreshed")
        let own = RecordDraft.serverAuthorized(signed, by: li, answered: li)
        #expect(own.fields["by"] == "li" && own.fields["answer"] == nil)
        let others = RecordDraft.serverAuthorized(signed, by: li, answered: mo)
        #expect(others.fields["by"] == "li" && others.fields["answer"] == "mo")
    }
}
