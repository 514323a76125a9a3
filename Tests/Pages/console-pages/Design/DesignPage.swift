import InterlockAdministration
import InterlockConsoleWorld
import InterlockMarkup
import InterlockModel
import InterlockPorts

@testable import InterlockAPI
@testable import InterlockConsole

/// `/design`: every component of the console in every state, each with its name and the code that makes it, to copy
/// from.
struct DesignPage {
    /// One component in one state.
    struct Specimen {
        let name: String
        /// The code that makes it; empty if its name says enough.
        let code: String
        let content: [HTML]

        init(_ name: String, _ code: String = "", @HTMLBuilder content: () -> [HTML]) {
            self.name = name
            self.code = code
            self.content = content()
        }
    }

    struct Section {
        let name: String
        let specimens: [Specimen]
    }

    let assets: Assets
    let viewer: PersonSession
    let now: Timestamp

    /// All sections. A new component is a row in the specimens of one of them.
    var sections: [Section] {
        [
            Section(name: "Colours", specimens: DesignTokens(assets: assets).specimens),
            Section(name: "Type and space", specimens: DesignTokens.scales),
            Section(name: "Icons", specimens: DesignStates.icons),
            Section(name: "Status badges", specimens: DesignStates.badges),
            Section(name: "Notices", specimens: DesignStates.notices),
            Section(name: "Frame", specimens: DesignStates.frame),
            Section(name: "Figures, tiles and facts", specimens: DesignData(now: now).facts),
            Section(name: "Text of others", specimens: DesignData.texts),
            Section(name: "People, ids, proofs", specimens: DesignMarks.specimens),
            Section(name: "Tables", specimens: DesignData(now: now).tables),
            Section(name: "Timeline and changes", specimens: DesignData(now: now).changes),
            Section(name: "Charts and drawings", specimens: DesignCharts(now: now).specimens),
            Section(name: "Filters", specimens: DesignForms(viewer: viewer).filters),
            Section(name: "Forms", specimens: DesignForms(viewer: viewer).forms),
            Section(name: "Dangerous acts", specimens: DesignForms(viewer: viewer).acts),
            Section(name: "Passkeys", specimens: DesignForms.passkeys),
            Section(name: "Dialogs", specimens: DesignForms.dialogs),
            Section(name: "Empty, waiting, failed", specimens: DesignStates.empty),
        ]
    }

    @HTMLBuilder var content: [HTML] {
        for section in sections {
            card(section.name) {
                for specimen in section.specimens {
                    element(.article) {
                        element(.h3) { specimen.name }
                        if !specimen.code.isEmpty {
                            element(.p, .style(.hint)) { element(.code) { specimen.code } }
                        }
                        element(.div) { specimen.content }
                    }
                }
            }
        }
    }

    /// A header with everything that one can have.
    private var header: PageHeader {
        var header = PageHeader(
            "Design", kind: "Page of the tests",
            back: .init(words: "Overview", link: Link("now")),
            StatusBadge(
                .attention, "Needs you", from: "The page of components says so.",
                age: .seconds(8)))
        header.say {
            "Every component in every state; docs/specs/console.md says when each is used."
        }
        header.fact("Owner", text: "ines@acme.example")
        header.fact("Tier") { Shape.tier(.high) }
        header.fact("Started") { Shape.time(now) }
        header.fact("Calls") { Shape.grouped(12_345) }
        header.fact("Run") { Shape.id("01kag0q9m2c4e6g8j0k2n4p6r8") }
        header.primary = HeaderAction("Review changes", Link("policy"))
        header.add(HeaderAction("Request access", Link("agents")))
        header.add(HeaderAction("Stop agent refunds", Link("halt"), isDanger: true))
        header.add(HeaderAction("Show runs", Link("runs")))
        return header
    }

    /// The page in the frame of a signed-in person, with a style sheet for its swatches.
    var response: HTTPResponse {
        let frame = Frame(
            assets: assets, now: now, waiting: 3, counts: [.alerts: (2, "open")], halts: [],
            isUnsigned: true, sections: Set(Page.Section.allCases),
            signer: { OrderSigner(session: $0, roles: [.kill, .resume], way: .page) })
        var response = Page(
            title: "Design", section: .now, viewer: viewer, header: header, signsOrders: true,
            hasChart: true
        ) { content }.response(200, frame)
        let text = String(decoding: response.body, as: UTF8.self).replacing(
            "</head>", with: "<link rel=\"stylesheet\" href=\"\(Self.stylesheet)\"></head>",
            maxReplacements: 1)
        response.body = Array(text.utf8)
        return response
    }

    static let address = "/design"
    static let stylesheet = "/design/swatches.css"

    /// The response to a path of this page; nil for others.
    static func response(
        to path: String, assets: Assets, viewer: PersonSession, now: Timestamp
    ) -> HTTPResponse? {
        switch path {
        case address: DesignPage(assets: assets, viewer: viewer, now: now).response
        case stylesheet:
            HTTPResponse(
                status: 200, headers: [("content-type", "text/css; charset=utf-8")],
                body: Array(DesignTokens(assets: assets).stylesheet.utf8))
        default: nil
        }
    }
}
