import InterlockAdministration
import InterlockModel
import InterlockPorts

/// A page of the console with the parts that surround its content.
struct Page {
    /// The events that a page may subscribe to; `report` concerns the halt that the page shows.
    enum Live { case approvals, status, report }

    /// The title, of any origin; flattened when it is shown.
    let title: String
    var section: Section?
    /// The signed-in person, or nil on pages without sign-in.
    let viewer: PersonSession?
    /// The events that the page subscribes to.
    var live: Live?
    /// True if a passkey is used or registered on the page.
    var usesPasskeys = false
    /// True if orders can be signed on the page (`OrderForm`).
    var signsOrders = false
    /// True if the page contains a `Chart`.
    var hasChart = false
    let content: [HTML]

    // Written out: with the initializer that Swift makes for a property with a result builder, the content was read
    // as null in a debug build (Swift 6.3.1).
    init(
        title: String, section: Section? = nil, viewer: PersonSession?, live: Live? = nil,
        usesPasskeys: Bool = false, signsOrders: Bool = false, hasChart: Bool = false,
        @HTMLBuilder content: () -> [HTML]
    ) {
        self.title = title
        self.section = section
        self.viewer = viewer
        self.live = live
        self.usesPasskeys = usesPasskeys
        self.signsOrders = signsOrders
        self.hasChart = hasChart
        self.content = content()
    }

    func html(_ frame: Frame) -> HTML {
        let assets = frame.assets
        return element(.html, .word(.lang, "en")) {
            element(.head) {
                empty(.meta, .word(.charset, "utf-8"))
                empty(
                    .meta, .word(.name, "viewport"),
                    .word(.content, "width=device-width, initial-scale=1"))
                element(.title) { SafeLine.text(title) + " · Interlock" }
                empty(.link, .word(.rel, "stylesheet"), .asset(.href, assets.stylesheet))
                empty(.link, .word(.rel, "icon"), .asset(.href, assets.icon))
                if let viewer {
                    empty(.meta, .word(.name, "interlock-nonce"), .text(.content, viewer.nonce))
                }
                element(.script, .asset(.src, assets.session), .flag(.defer))
                element(.script, .asset(.src, assets.script), .flag(.defer))
                if usesPasskeys {
                    element(.script, .asset(.src, assets.passkeys), .flag(.defer))
                }
                if signsOrders || viewer.flatMap(frame.signer)?.roles.contains(.kill) == true {
                    element(.script, .asset(.src, assets.orders), .flag(.defer))
                }
                if hasChart {
                    for asset in assets.charts {
                        element(.script, .asset(.src, asset), .flag(.defer))
                    }
                }
            }
            element(.body) {
                element(.a, .style(.skip), .link(.href, .to(Self.main))) { "To the content" }
                header(frame)
                element(.main, .style(.page), .id(Self.main), .number(.tabindex, -1)) {
                    topics
                    if viewer != nil { frame.banner }
                    content
                }
                element(.footer) { "Interlock. Nothing on this page comes from a model." }
            }
        }
    }

    func response(_ status: Int, _ frame: Frame) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [
                ("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store"),
            ] + SecurityHeaders.all, body: html(frame).document)
    }

    private static let main = Anchor("main")

    @HTMLBuilder private func header(_ frame: Frame) -> [HTML] {
        element(.header) {
            element(.a, .style(.brand), .link(.href, frame.first)) { "Interlock" }
            if let viewer {
                element(.nav, .text(.label, "Sections")) {
                    element(.ul) {
                        for one in Section.allCases where frame.sections.contains(one) {
                            element(.li) { link(to: one) }
                        }
                    }
                }
                element(.span, .style(.muted)) {
                    "signed in as "
                    SafeText.text(viewer.person.address)
                }
                stop(frame.signer(viewer))
                Form(action: Link("sign-out"), formToken: viewer.formToken) {
                    element(.button, .style(.quiet), .word(.type, "submit")) { "Sign out" }
                }.html
            }
        }
    }

    /// The form that halts the organisation, on every page for persons with the role; the halt page itself shows it
    /// unfolded.
    @HTMLBuilder private func stop(_ signer: OrderSigner?) -> [HTML] {
        if let signer, signer.roles.contains(.kill), section != .halt {
            element(.details, .style(.stop)) {
                element(.summary) { "Stop everything" }
                signer.form(.halt(.org), Self.stopForm)
            }
        }
    }

    /// The number of that form; other forms of a page have smaller numbers.
    private static let stopForm = 20_000

    /// The element in which the script shows a sentence; a screen reader announces it.
    @HTMLBuilder private var topics: [HTML] {
        if let live {
            element(
                .p, .style(.notice, .warning), .id(Anchor("news")), .word(.role, "status"),
                stream(live), .flag(.hidden))
        } else if viewer != nil {
            element(
                .p, .style(.notice, .warning), .id(Anchor("news")), .word(.role, "status"),
                .flag(.hidden))
        }
        if viewer != nil {
            element(.noscript) {
                notice(.warning) {
                    "Without scripts this page can only be read. Forms and downloads need the key of your session, which only a script can use."
                }
            }
        }
    }

    private func stream(_ live: Live) -> Attribute {
        switch live {
        case .approvals: .word(.stream, "approvals")
        case .status: .word(.stream, "standing")
        case .report: .word(.stream, "report")
        }
    }

    private func link(to other: Section) -> HTML {
        other == section
            ? hyperlink(other.link, .word(.current, "page")) { other.title }
            : hyperlink(other.link) { other.title }
    }
}

extension Page {
    /// The sections of the console, in the order of the navigation.
    enum Section: String, CaseIterable {
        case now, approvals, agents, alerts, runs, audit, servers, policy, halt

        var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
        var link: Link { Link(rawValue) }
    }
}
