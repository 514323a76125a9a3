import InterlockAdministration
import InterlockApprovals
import InterlockConsoleWorld
import InterlockModel
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

/// The lines above every page, and their order.
struct NoticesTests {
    private let office = ConsoleOffice()

    private func halt(_ number: Int64, _ target: HaltTarget) throws -> HaltOrder {
        try HaltOrder(
            id: OrderID(milliseconds: number, random: [UInt8](repeating: 3, count: 10)),
            org: "acme", target: target, reason: "reason <b>\(number)",
            author: office.voter(0).pseudonym, at: ConsoleOffice.start)
    }

    private func agent(_ name: String) throws -> HaltTarget {
        .agent(try #require(AgentName(name)))
    }

    private func outline(
        _ halts: [HaltOrder], problems: [HealthCheck] = [], isUnsigned: Bool = false,
        sections: Set<Page.Section> = Set(Page.Section.allCases)
    ) -> Outline {
        let frame = Frame(
            assets: Browser().console.assets, halts: halts, problems: problems,
            isUnsigned: isUnsigned, sections: sections, signer: { _ in nil })
        let outline = Outline(Notices(frame: frame).html.bytes)
        #expect(outline.faults.isEmpty)
        return outline
    }

    @Test func `all stopped comes before halts, a part that fails and the policy`() throws {
        let fault = HealthCheck(.log, .problem, "no space <i>left", age: .zero)
        let page = outline(
            [try halt(1, try agent("refunds")), try halt(2, .org)], problems: [fault],
            isUnsigned: true)
        let parts = [
            "All agents stopped", "Stopped: ", "Log fails: ", "Policy is not signed: ",
        ]
        let places = parts.compactMap { page.text.firstRange(of: $0)?.lowerBound }
        #expect(places.count == parts.count && places == places.sorted())
        #expect(page.text.contains("reason <b>1") && page.text.contains("no space <i>left"))
        for link in ["/halts/", "/health", "/policy"] {
            #expect(page.values.contains { $0.hasPrefix(link) }, "\(link)")
        }
    }

    @Test func `no notice can be closed, and each has the link to what ends it`() throws {
        let fault = HealthCheck(.log, .problem, "no space", age: .zero)
        let page = outline(
            [try halt(1, .org), try halt(2, try agent("refunds"))], problems: [fault],
            isUnsigned: true)
        let names = page.tags.map { String($0.prefix { $0 != " " }) }
        for control in ["button", "form", "details", "dialog", "input"] {
            #expect(!names.contains(control), "\(control)")
        }
        #expect(names.count { $0 == "a" } == 4)
    }

    @Test func `one halt leads to its page, several to their list`() throws {
        let one = outline([try halt(1, try agent("refunds"))])
        #expect(one.values.contains { $0.hasPrefix("/halts/") })
        let two = outline([try halt(1, try agent("refunds")), try halt(2, try agent("triage"))])
        #expect(two.text.contains("2 active halts") && two.values.contains("/halt"))
    }

    @Test func `nothing to say leaves the line of lost contact alone, and no link leads nowhere`()
        throws
    {
        let page = outline([])
        #expect(page.values.contains("lost"))
        // The script shows the line of a part that fails later.
        #expect(page.text == "Show health" && page.values.contains("failing"))
        #expect(page.tags.count { $0.hasSuffix(" hidden") } == 2)
        let bare = outline([try halt(1, .org)], isUnsigned: true, sections: [.approvals])
        #expect(bare.text.contains("All agents stopped"))
        #expect(!bare.tags.contains { $0.hasPrefix("a ") })
    }
}
