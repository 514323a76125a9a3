import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// The steps by which a person accepts what a server lists now, and what they write into the lock. No page writes it
/// (decision 0070).
struct PinAcceptance {
    let detail: ServerDetail
    let person: Person

    /// The features of this page that the lock has otherwise or not at all.
    private var differing: [ServerTool] { detail.tools.filter(\.pin.isFault) }
    private var name: String { detail.status.name.text }

    static func isNeeded(_ detail: ServerDetail) -> Bool {
        detail.faultCount > 0 || detail.otherInstructions != nil
    }

    @HTMLBuilder var content: [HTML] {
        element(.p) {
            "The lock is a file that people review and sign. This gateway reads it and never writes it, so a person with the "
            "role "
            element(.code) { "security" }
            " or an owner of the policy accepts the changes by key, on the machine that has the policy:"
        }
        element(.ol) {
            step("Read every change, whole", "interlock servers pin \(name)")
            step(
                "Write and sign the lock",
                "interlock servers pin \(name) --accept --as \(SafeLine.text(person.address))",
                "Findings of its scan of the texts also have to be accepted, with --accept-findings."
            )
            element(.li) {
                "The gateway then has a proposed revision: "
                hyperlink(PolicyRoute.proposed.link) { "Review changes" }
                " and sign off there. Until then nothing changes."
            }
            if case .quarantined = detail.status.state {
                element(.li) { "Release the server on this page." }
            }
        }
        if !differing.isEmpty { table.html }
        if detail.otherInstructions != nil {
            element(.p) { "It also writes the digest of its texts for models." }
        }
        if detail.status.transport == "stdio" {
            element(.p) {
                "It also writes the digests of its program's code, which this page does not read."
            }
        }
    }

    private func step(_ words: String, _ command: String, _ hint: String = "") -> HTML {
        element(.li) {
            words
            ": "
            element(.code) { command }
            " " + hint
        }
    }

    private var table: Table {
        var table = Table(
            "What the command writes",
            [.name("Feature"), .state("Entry"), .id("Pin before"), .id("Pin after")], differing
        ) { tool in
            [
                .name(tool.name), .text(Self.entry(of: tool)),
                tool.pinned.map { Shape.id($0.prefixed) } ?? .text("none"),
                tool.listed.map { Shape.id($0.prefixed) } ?? .text("none"),
            ]
        }
        let rest = detail.faultCount - differing.count
        if rest > 0 {
            table.rows.append([
                .text("and \(rest) on other pages"), .text("see there"), .text("none"),
                .text("none"),
            ])
        }
        return table
    }

    private static func entry(of tool: ServerTool) -> String {
        switch tool.pin {
        case .gone: "Removed"
        case .new: "Added"
        case _ where tool.listed == nil: "Left out, stays hidden"
        default: tool.pinned == tool.listed ? "Unchanged" : "Replaced"
        }
    }
}
