import InterlockAlerts
import InterlockConsoleWorld
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

/// `/alerts/incidents/ID`.
struct IncidentPageTests {
    private let id = IncidentID("01kag0q9m2c4e6g8j0k2n4p6r8").unwrapped
    private let by = Pseudonym(text: "AAAAAAAAAAAAAAAAAAAAAA==")
    private let time = Timestamp(microseconds: 1_700_000_000_000_000)

    private func incident(_ text: String) throws -> Incident {
        var incident = try #require(
            Incident(
                id: id, severity: 1, agent: AgentName("refunds"),
                origin: .person(by, reason: text), opened: time))
        let isAdded = incident.add(IncidentAction(at: time, by: by, text: text, evalCase: text))
        #expect(isAdded)
        return incident
    }

    private func shown(_ incident: Incident, mayHandle: Bool = true) -> String {
        let page = IncidentPage(incident: incident, mayHandle: mayHandle, formToken: "token")
        return String(decoding: HTML.group(page.content).bytes, as: UTF8.self)
    }

    @Test func `what people wrote makes no part of the page`() throws {
        let text = shown(try incident("<img src=x onerror=alert(1)>\u{202e}<script>document"))
        #expect(!text.contains("<img src") && !text.contains("<script>"))
        #expect(!text.contains("\u{202e}"))
    }

    @Test func `the forms are for those who may handle it, while it is open`() throws {
        var incident = try incident("it paid a wrong account")
        #expect(shown(incident).contains("/alerts/incidents/\(id.text)/end"))
        #expect(!shown(incident, mayHandle: false).contains("<form"))
        let isClosed = incident.close(
            IncidentEnd(at: time, cause: .policy, by: by, reason: "a wide rule"))
        #expect(isClosed)
        let text = shown(incident)
        #expect(!text.contains("<form") && text.contains("the policy"))
    }

    @Test func `a refused form is shown again with its reason and what was typed`() throws {
        let fields = try #require(FormBody(Array("reason=it+paid+%3Ctwice&cause=fault".utf8)))
        var page = IncidentPage(
            incident: try incident("a wrong account"), mayHandle: true, formToken: "token")
        page.refused = RefusedForm(fields: fields, reason: "say why", step: "close")
        let text = String(decoding: HTML.group(page.content).bytes, as: UTF8.self)
        #expect(text.ranges(of: "Not done: say why.").count == 1)
        #expect(text.ranges(of: "it paid &lt;twice").count == 1, "the other form is empty")
        #expect(text.contains("value=\"fault\" selected"))
        let notice = try #require(text.firstRange(of: "Not done"))
        let form = try #require(text.firstRange(of: "/end\""))
        #expect(form.lowerBound < notice.lowerBound, "it is in the form")
    }

    @Test func `an address names an incident, its actions and its end alone`() {
        #expect(AlertsRoute(["incidents", id.text]) == .incident(id))
        #expect(AlertsRoute(["incidents", id.text, "actions"]) == .act(id))
        #expect(AlertsRoute(["incidents", id.text, "end"]) == .close(id))
        for parts in [["incidents"], ["incidents", "none"], ["incidents", id.text, "open"]] {
            #expect(AlertsRoute(parts[...]) == nil)
        }
        #expect(AlertsRoute.act(id).isDeed && AlertsRoute.close(id).isDeed)
        #expect(!AlertsRoute.incident(id).isDeed)
    }
}
