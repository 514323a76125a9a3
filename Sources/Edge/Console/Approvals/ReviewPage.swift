import InterlockAPI
import InterlockApprovals
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockPolicy

/// `/approvals/ID`: one exact call, complete and unfolded, in the order of docs/specs/approvals.md, section 7.
struct ReviewPage {
    let view: ReviewView
    /// True if the rule that decided has a page that the viewer may see.
    var hasRulePage = false
    /// True if the run of the call has a page that the viewer may see.
    var hasRunPage = false
    /// The step to the page of break-glass, for those who have it.
    var breakGlass: HeaderAction?
    var marked = MarkedText.none

    /// The passage by which the run of the call became hostile, for one viewer.
    enum MarkedText {
        /// Nothing made it hostile by a text.
        case none
        case text(MarkedPassage)
        /// This viewer may not read it.
        case unreadable
        /// Its text was too long for the search, or its report is erased, or cannot be read.
        case gone
    }

    /// The facts that are shown in a section of their own.
    private static let placed: Set = [
        "title", "target", "preview", "preconditions", "reversible", "quantity", "total",
        "leaves_to", "owner", "purpose", "run_purpose", "on_behalf_of", "asked",
        ReviewDocument.task,
        ReviewDocument.labels, ReviewDocument.sideChannel, ReviewDocument.findings,
        ReviewDocument.taint, ReviewDocument.taintLevel, ReviewDocument.taintedBy, "history",
        "break_glass", ReviewFacts.amounts,
    ]

    var title: String { "\(view.call.address) for \(view.call.agent)" }

    var header: PageHeader {
        var header = PageHeader(
            kind: "Request", back: .init(words: "Inbox", link: Link("approvals")), badge
        ) {
            SafeText.text(view.call.address.description)
            ", requested by "
            SafeText.text(view.call.agent.text)
        }
        switch view.status {
        case .mayDecide: header.say { "Read every part, then approve or deny" }
        case .mayLook: header.say { "View only" }
        case .mayRevoke: header.say { "Can be revoked while unused" }
        case .hasVoted, .over: break
        }
        // The excerpt of the inbox; all of it is in the parts below.
        header.fact("About") { CallSummary(view.request.review).html }
        header.fact("Tier") { Shape.tier(view.tier) }
        if view.state == .pending {
            header.fact("Due") { Shape.time(view.expires) }
        }
        header.fact("Approvals") { view.decision.approversNeeded }
        if view.status == .mayDecide {
            header.primary = HeaderAction("Go to decision", .to(Anchor("actions")))
        }
        header.addRare(breakGlass)
        return header
    }

    private var badge: StatusBadge {
        let (look, words): (StatusBadge.Kind, String) =
            switch view.state {
            case .pending: (.pending, "Pending")
            case .approved: (.allowed, "Approved")
            case .used: (.allowed, "Approved and used")
            case .denied: (.denied, "Denied")
            case .expired: (.plain, "Expired")
            case .withdrawn: (.plain, "Withdrawn")
            case .void: (.plain, "Void")
            }
        return StatusBadge(look, words, from: "The request, revision \(view.revision).")
    }

    @HTMLBuilder var content: [HTML] {
        if let refusal = view.refusal {
            notice(.bad) { "Not done: \(refusal). Nothing was counted." }
        }
        state
        parts
        if view.status == .mayDecide, view.way == .page { reading }
        ReviewForms(view: view, hasRunPage: hasRunPage).html
    }

    /// Everything that is decided about.
    @HTMLBuilder var parts: [HTML] {
        part("Call", "call", callPart)
        part("Change", "change", changePart)
        part("Impact", "consequence", consequencePart)
        part("Who", "who", whoPart)
        part("Why approval is needed", "why", whyPart)
        part("History", "history", historyPart)
    }

    /// The way to the panel, which stays in view on a phone while the parts are read; the script counts these.
    private var reading: HTML {
        element(.a, .id(Anchor("reading")), .link(.href, .to(Anchor("actions")))) {
            element(.span, .id(Anchor("read-count"))) { "6 parts to read" }
            ", due "
            Shape.time(view.expires)
        }
    }

    /// - Parameter name: a name of `ReviewPart`.
    private func part(_ heading: String, _ name: StaticString, _ content: [HTML]) -> HTML {
        element(.section, .style(.card, .part), .word(.part, name)) {
            element(.h2) { heading }
            content
        }
    }

    /// The only part that changes while the page is open.
    var state: HTML {
        var facts = Facts()
        facts.add("State") {
            element(.strong) { view.state.rawValue }
            if let cause = view.cause { " (\(cause.rawValue))" }
            ", tier "
            Shape.tier(view.tier)
        }
        facts.add(view.state == .pending ? "Due" : "Was due") {
            Shape.time(view.expires)
        }
        if view.state == .approved, let end = view.grantEnds {
            facts.add("Expires") { Shape.time(end) }
        }
        facts.add("Approvals needed") { view.decision.approversNeeded }
        if !view.delegates.isEmpty {
            facts.add("Passed seats") {
                for (place, delegate) in view.delegates.enumerated() {
                    if place > 0 { "; " }
                    SafeText.text(delegate.person.address)
                    " in the place of "
                    SafeText.text(delegate.delegators.map(\.person.address).joined(separator: ", "))
                }
            }
        }
        facts.add("Votes") {
            if let votes = view.votes {
                if votes.isEmpty { "none" }
                for (place, person) in votes.enumerated() {
                    if place > 0 { ", " }
                    SafeText.text(person)
                }
            } else {
                "Hidden until you decide"
            }
        }
        facts.add("Request") {
            Shape.whole(view.id.shown)
            ", revision \(view.revision)"
        }
        return element(
            .section, .style(.card, .part), .id(Anchor("state")), .flag(.isLive),
            .text(
                .version,
                view.version + (view.votes ?? []).joined(separator: " ")
                    + view.delegates.map { "\($0.pseudonym)\($0.delegators.map(\.pseudonym))" }
                    .joined()),
            .text(.label, "State")
        ) { facts.html }
    }

    private var callPart: [HTML] {
        var facts = Facts()
        facts.group("Tool")
        facts.add("Server", text: view.call.address.server.text)
        facts.add("Tool", text: view.call.address.tool.text)
        facts.add("Title", text: view.fact("title"))
        facts.add("Environment", text: view.call.environment)
        facts.add("Target", text: view.fact("target"))
        facts.group("Arguments")
        CallArguments(view.call.arguments, facts: view.facts).add(to: &facts)
        facts.group("Identity")
        facts.add("Digest of the call") { Shape.whole(view.callDigest.prefixed) }
        facts.add("Pin of the tool") { Shape.whole(view.call.pin.prefixed) }
        return [facts.html]
    }

    @HTMLBuilder private var changePart: [HTML] {
        if let preview = view.facts["preview"] {
            if preview["failed"] != nil {
                element(.p) { "The preview could not be read. What the call changes is not known." }
            }
            SafeText.value(preview)
        } else {
            element(.p) { "No preview declared. What the call changes is not shown here." }
        }
        if let conditions = view.facts["preconditions"] {
            element(.p) { "Sent only if these are still the same then:" }
            SafeText.value(conditions)
        }
    }

    private var consequencePart: [HTML] {
        var facts = Facts()
        facts.add("Effects") {
            view.decision.effects.effects.isEmpty
                ? "none declared"
                : view.decision.effects.effects.map(\.words).joined(separator: ", ")
        }
        facts.add("Reversible") {
            if let text = view.fact("reversible") { SafeText.text(text) } else { reversibility }
        }
        facts.add("Quantity", own: view.fact("quantity"))
        facts.add("Total of the day", own: view.fact("total"))
        facts.add("Data goes to", text: view.fact("leaves_to"))
        return [facts.html]
    }

    private var reversibility: [HTML] {
        let effects = view.decision.effects
        if effects.has(.irreversible) { return [.text("No (policy)")] }
        if effects.has(.reversible) { return [.text("Yes (policy), how is not declared")] }
        return [.text("not declared")]
    }

    private var whoPart: [HTML] {
        var facts = Facts()
        facts.group("Agent")
        facts.add("Agent", text: view.call.agent.text)
        facts.add("Owner", text: view.fact("owner"))
        facts.add("Purpose of the agent", text: view.fact("purpose"))
        facts.group("Run")
        facts.add("Purpose of the run", text: view.fact("run_purpose"))
        if let task = view.facts[ReviewDocument.task] {
            facts.add("Task of the run") { SafeText.value(task) }
        }
        facts.add("On behalf of", text: view.fact("on_behalf_of"))
        facts.add("Stage", text: view.call.stage.rawValue)
        facts.add("Run", text: view.call.run.text)
        facts.add("Asked", text: view.fact("asked"))
        facts.group("Other facts")
        for (name, value) in ReviewFacts.others(in: view.facts, besides: Self.placed) {
            facts.add(name) { SafeText.value(value) }
        }
        return [facts.html]
    }

    private var whyPart: [HTML] {
        var facts = Facts()
        if hasRulePage {
            facts.add("Rule") { PolicyLabels.rule(view.decision.rule) }
        } else {
            facts.add("Rule", text: view.decision.rule)
        }
        facts.add("At", text: view.decision.place)
        facts.add("Policy") { Shape.whole(view.policy.prefixed) }
        if let labels = view.facts[ReviewDocument.labels] {
            facts.add("Origin of values") { SafeText.value(labels) }
        }
        if let findings = view.facts[ReviewDocument.findings] {
            facts.add("Found in the arguments") { FoundClasses(findings: findings).content }
        }
        if let channel = view.facts[ReviewDocument.sideChannel] {
            facts.add("Sent in addition to the effect") {
                SafeText.value(channel)
                if let words = Self.words(ofSideChannel: channel) { ": \(words)" }
            }
        }
        if let order = view.facts["break_glass"] {
            facts.add("Break-glass: one person decides") { SafeText.value(order) }
        }
        if let taint = view.facts[ReviewDocument.taint] {
            facts.add("Untrusted content") { SafeText.value(taint) }
        }
        addMarked(to: &facts)
        return [facts.html]
    }

    private func addMarked(to facts: inout Facts) {
        if let level = view.facts[ReviewDocument.taintLevel] {
            facts.add("Level of the run") {
                SafeText.value(level)
                if let name = Self.name(ofLevel: level) { " (\(name))" }
            }
        }
        if let call = view.facts[ReviewDocument.taintedBy] {
            facts.add("Call that made the run hostile") { SafeText.value(call) }
        }
        switch marked {
        case .none: break
        case .text(let passage):
            facts.add("Passage that made the run hostile") { SafeText.quoted(passage.text) }
        case .unreadable:
            facts.add("Passage that made the run hostile") {
                "The text is shown to those who vote, and to those who may read the agent's results."
            }
        case .gone:
            facts.add("Passage that made the run hostile") { "No passage is kept." }
        }
    }

    private static func words(ofSideChannel channel: JSONValue) -> String? {
        channel.string.flatMap { DecisionFacts.SideChannel(rawValue: $0) }?.words
    }

    private static func name(ofLevel level: JSONValue) -> String? {
        level.integer.flatMap { TaintLevel(rawValue: $0) }?.name
    }

    @HTMLBuilder private var historyPart: [HTML] {
        if let history = view.facts["history"] {
            EarlierRequestList(history: history).content
        } else {
            element(.p) { "Not part of this review: earlier decisions are in the log." }
        }
    }
}
