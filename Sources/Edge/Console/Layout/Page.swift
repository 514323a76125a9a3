import InterlockAPI
import InterlockAdministration
import InterlockMarkup
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
    /// The text in the search field of the frame.
    var searched = ""
    let header: PageHeader
    /// True if the page is made of records of the log: each look at it is recorded, so it never loads itself again.
    var readsLog = false
    let content: [HTML]

    // Written out: with the initializer that Swift makes for a property with a result builder, the content was read
    // as null in a debug build (Swift 6.3.1).
    init(
        title: String, section: Section? = nil, viewer: PersonSession?, header: PageHeader,
        live: Live? = nil, usesPasskeys: Bool = false, signsOrders: Bool = false,
        hasChart: Bool = false, searched: String = "", readsLog: Bool = false,
        @HTMLBuilder content: () -> [HTML]
    ) {
        self.title = title
        self.section = section
        self.viewer = viewer
        self.live = live
        self.usesPasskeys = usesPasskeys
        self.signsOrders = signsOrders
        self.hasChart = hasChart
        self.searched = searched
        self.header = header
        self.readsLog = readsLog
        self.content = content()
    }

    func html(_ frame: Frame) -> HTML {
        let assets = frame.assets
        return element(
            .html, .word(.lang, "en"), .word(.theme, frame.appearance.theme.word),
            .word(.density, frame.appearance.density.word),
            .word(.shortcuts, frame.appearance.shortcuts.word)
        ) {
            element(.head) {
                empty(.meta, .word(.charset, "utf-8"))
                empty(
                    .meta, .word(.name, "viewport"),
                    .word(.content, "width=device-width, initial-scale=1"))
                element(.title) {
                    (frame.waiting > 0 ? "(\(frame.waiting)) " : "") + SafeLine.text(title)
                        + " · Interlock"
                }
                empty(.link, .word(.rel, "stylesheet"), .asset(.href, assets.stylesheet))
                empty(
                    .link, .word(.rel, "icon"),
                    .asset(.href, frame.waiting > 0 ? assets.waitingIcon : assets.icon),
                    .asset(.lost, assets.lostIcon))
                if readsLog { empty(.meta, .word(.name, "interlock-log")) }
                if let viewer {
                    empty(.meta, .word(.name, "interlock-nonce"), .text(.content, viewer.nonce))
                }
                element(.script, .asset(.src, assets.session), .flag(.defer))
                element(.script, .asset(.src, assets.script), .flag(.defer))
                if viewer != nil { element(.script, .asset(.src, assets.keys), .flag(.defer)) }
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
                Icon.symbols
                element(.a, .style(.skip), .link(.href, .to(Self.main))) { "To the content" }
                if let viewer {
                    Navigation(page: self, viewer: viewer, frame: frame).html
                    SearchField.html(searched)
                } else {
                    brand(frame)
                }
                element(.main, .style(.page), .id(Self.main), .number(.tabindex, -1)) {
                    if viewer != nil { Notices(frame: frame).html }
                    topics
                    header.html(at: frame.now) { contact(frame) }
                    content
                }
                element(.footer) { "Interlock. No model wrote any text of this page." }
                if viewer != nil {
                    Palette.html
                    Shortcuts(sections: frame.sections).html
                }
            }
        }
    }

    func response(_ status: Int, _ frame: Frame) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [
                ("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store"),
            ] + SecurityHeaders.all, body: html(frame).document(times(frame), people(frame)))
    }

    /// The style of the page's times: UTC is there as text if a person can sign.
    private func times(_ frame: Frame) -> TimeStyle {
        var times = frame.times
        times.addsUTC = isSigned
        times.now = frame.now
        return times
    }

    /// The style of people's names: whole if a person can sign.
    private func people(_ frame: Frame) -> PersonStyle {
        guard let viewer else { return PersonStyle() }
        return PersonStyle(
            domain: viewer.person.domain, isWhole: isSigned, word: frame.personWord(viewer))
    }

    /// True if a person can sign on the page.
    private var isSigned: Bool { usesPasskeys || signsOrders }

    private static let main = Anchor("main")

    private func brand(_ frame: Frame) -> HTML {
        element(.header) {
            element(.a, .style(.brand), .link(.href, frame.first)) { "Interlock" }
        }
    }

    /// The time that the page shows. A browser without scripts says that it stays this time.
    @HTMLBuilder private func contact(_ frame: Frame) -> [HTML] {
        if viewer != nil, let now = frame.now {
            element(.p, .style(.contact), .id(Anchor("contact"))) {
                Icon.clock.html
                element(.span) {
                    "As of "
                    HTML.time(now, .clock)
                }
                element(.noscript) { "Does not update by itself" }
            }
        }
    }

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
                    "Without scripts this page can only be read, and does not update by itself. Forms and downloads need the key of your session, which only a script can use."
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
}

extension Page {
    typealias Section = ConsoleSection
}
