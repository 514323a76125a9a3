import InterlockAdministration
import InterlockEvidence
import InterlockGovernor
import InterlockLedger
import InterlockMarkup
import InterlockModel
import InterlockPorts

/// `/runs/ID`: the steps of one run, from the prompt to the result.
struct RunPage {
    let story: RunDetail
    /// The session's form token, for the page's forms.
    let formToken: String
    /// The forms for orders about the run.
    let orders: [HTML]
    var replayed: ReplayReport?
    /// The step to the form that stops the run, or to the halt that stops it.
    var stop: HeaderAction?
    /// Is nil if neither a breaker nor a person holds the run.
    var hold: RunHold?
    /// The step to the form that pauses the run or lets it continue.
    var pause: HeaderAction?
    /// Is nil if the run has no sandbox, as far as this page knows.
    var sandbox: SandboxFacts?
    /// Its sessions of coding agents; nil if it has none.
    var hosts: RunHosts?
    /// The level with its reasons; nil if it is neither open nor tainted, or not visible.
    var taint: RunTaintReport?
    /// The step to the review of its changes.
    var changes: HeaderAction?
    /// The policy in force, which declares the units of arguments.
    var policy: (any PolicyQueries)?

    private var line: RunSummary { story.line }
    var title: String { "Run \(line.run.text)" }

    var header: PageHeader {
        let (look, words): (StatusBadge.Kind, String) =
            switch line.state {
            case .open where hold?.isPaused == true: (.attention, "Paused")
            case .open where hold != nil: (.attention, "Slowed down")
            case .open:
                (
                    sandbox?.isolation.status ?? .working,
                    "Open" + (sandbox?.isolation.weakness.map { ", \($0)" } ?? "")
                )
            case .halted: (.stopped, "Stopped")
            case .ended: (.plain, "Ended")
            }
        var header = PageHeader(
            back: .init(words: "All runs", link: Link("runs")),
            StatusBadge(
                story.steps.faults.isEmpty ? look : .problem,
                story.steps.faults.isEmpty ? words : "\(words), with gaps",
                from: "The halts and breakers of this gateway and the records of the run.")
        ) {
            "Run of "
            SafeText.text(line.agent.text)
        }
        if let purpose = line.purpose { header.say { SafeText.text(purpose) } }
        header.fact("Run") { Shape.short(line.run.text) }
        header.fact("Owner", text: line.owner?.address)
        header.fact("Started") { Shape.time(line.since) }
        if let tally = line.tally {
            header.fact("Calls") { "\(tally.calls), \(tally.denials) denied" }
        }
        // A header has at most five facts, and those who hold a run come before its calls.
        if line.inFlight > 0, hold == nil { header.fact("In progress") { "\(line.inFlight)" } }
        if let hold {
            header.fact(hold.isPaused ? "Paused by" : "Slowed down by", text: hold.reason)
        }
        header.primary = changes
        header.add(pause)
        header.add(stop)
        header.add(HeaderAction("Show agent", Link("agents", line.agent.text)))
        return header
    }

    @HTMLBuilder var content: [HTML] {
        element(.div, .style(.beside)) {
            element(.div) {
                if let replayed { ReplayView(report: replayed, policy: policy).html }
                timelineCard
                if let hosts {
                    element(.section, .style(.card, .part), .id(RunHosts.anchor)) {
                        element(.h2) { "Coding-agent sessions" }
                        hosts.content
                    }
                }
            }
            card("Details", .part) {
                facts
                if let sandbox {
                    element(.h3) {
                        sandbox.isLive ? "Sandbox, live" : "Sandbox, from these records"
                    }
                    sandbox.html
                }
                if story.reads { actions }
                if !orders.isEmpty {
                    element(.div, .style(.actions), .id(Console.orders)) { orders }
                }
            }
        }
    }

    private var timelineCard: HTML {
        card("Timeline", .part) {
            if !story.reads {
                element(.p, .style(.muted)) {
                    "You see decisions. Arguments and results require the agent's owner or role security."
                }
            }
            for fault in story.steps.faults { notice(.bad) { SafeText.text(fault) } }
            timeline
            if let next = story.steps.next {
                element(.nav, .style(.pager), .text(.label, "Pages")) {
                    element(
                        .a,
                        .link(.href, Link("runs", line.run.text, query: [("from", String(next))]))
                    ) { "What followed" }
                }
            }
        }
    }

    @HTMLBuilder private var timeline: [HTML] {
        let spans = story.steps.spans
        let waterfall = Waterfall(spans)
        element(.ol, .style(.timeline, .entries)) {
            for entry in RunTimeline(story.steps, spans).entries {
                switch entry {
                case .call(let span, let steps):
                    CallEntry(
                        span: span, steps: steps, reads: story.reads, run: line.run,
                        waterfall: waterfall, policy: policy
                    ).html
                case .step(let step):
                    RunStepView(step: step, reads: story.reads, policy: policy).html
                case .technical(let steps): technical(steps)
                }
            }
        }
        waterfall.pauses
    }

    private func technical(_ steps: [RunStep]) -> HTML {
        element(.li) {
            element(.details) {
                element(.summary) { Shape.count(steps.count, "technical record") }
                element(.ul) {
                    for step in steps {
                        RunStepView(step: step, reads: story.reads, policy: policy).html
                    }
                }
            }
        }
    }

    private var facts: HTML {
        var facts = Facts()
        facts.group("Run")
        facts.add("Run") { element(.code) { line.run.text } }
        facts.add("Agent", text: line.agent.text)
        if let owner = line.owner { facts.add("Owner") { Shape.person(owner) } }
        facts.add("Purpose", text: line.purpose)
        facts.add("On behalf of") {
            if let subject = line.subject { element(.code) { subject.text } } else { "none" }
        }
        facts.add("Started") { Shape.time(line.since) }
        facts.group("Activity")
        if let tally = line.tally {
            facts.add("Calls") { "\(tally.calls), \(tally.denials) denied" }
        }
        facts.add("State") { line.words() }
        if let activity = line.activity {
            facts.add("Activity") {
                "\(Shape.count(activity.calls, "call")) in progress, \(Shape.count(activity.waits, "approval")) pending"
            }
            facts.add("Client", text: activity.client)
            if !activity.sessions.isEmpty {
                facts.add("Sessions", text: activity.sessions.joined(separator: ", "))
            }
        }
        if let taint { add(taint, to: &facts) }
        return facts.html
    }

    private func add(_ taint: RunTaintReport, to facts: inout Facts) {
        facts.group("Untrusted content")
        facts.add("Level") { taint.level.name }
        for source in taint.sources {
            facts.add(source.kinds.isEmpty ? "Read" : "Marker of an injection") {
                if !source.kinds.isEmpty { source.kinds.joined(separator: ", ") + ", " }
                if let cause = source.cause {
                    cause.words
                } else if let address = source.address {
                    SafeText.text(address.description)
                } else {
                    "an untrusted source"
                }
                ", "
                Shape.time(source.at)
                if let call = source.call {
                    ", call "
                    element(.code) { call.text }
                }
                if let run = source.source {
                    ", run "
                    element(.code) { run.text }
                }
            }
        }
    }

    private var actions: HTML {
        let run = line.run.text
        return element(.div, .style(.row)) {
            for (level, name) in [
                (ReplayLevel.timeline, "Verify timeline"),
                (ReplayLevel.decisions, "Re-evaluate decisions"),
            ] {
                Form(action: Link("runs", run, "replay"), formToken: formToken) {
                    Form.hidden("level", level.rawValue)
                    element(.button, .style(.quiet), .word(.type, "submit")) { name }
                }.html
            }
            hyperlink(Link("runs", run, "bundle"), .flag(.isFile)) {
                "Download evidence"
            }
            " "
            hyperlink(Link("audit", query: [("run", run)])) { "Show records" }
        }
    }
}
