import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockSandboxes

/// `/runs`: the runs, newest first unless another order of open ones is chosen.
struct RunsPage {
    let form: RunsForm
    let found: RunListing
    /// False if the viewer sees no agent, so that an empty list says nothing.
    var seesAgents = true
    /// Returns the sandbox of a run that is under way; nil if it has none, or none is known.
    var sandbox: (RunID) -> SandboxStatus? = { _ in nil }

    var header: PageHeader {
        let halted = found.runs.count { $0.halt != nil }
        let isIncomplete = found.fault != nil || !found.unproved.isEmpty
        let count = Shape.count(found.runs.count, form.query.isOpen ? "open run" : "run")
        let isBlind = !seesAgents && found.runs.isEmpty
        var header = PageHeader(
            "Runs",
            StatusBadge(
                isIncomplete ? .problem : isBlind ? .unknown : .plain,
                isIncomplete
                    ? "Incomplete"
                    : isBlind ? "No access to runs" : count + (found.next == nil ? "" : " shown"),
                from: "The runs of this gateway and the index of the log."))
        if found.next != nil {
            header.say { form.query.order == nil ? "Older ones follow" : "More follow" }
        }
        if halted > 0 { header.fact("Stopped") { "\(halted)" } }
        let calls = found.runs.reduce(0) { $0 + $1.inFlight }
        if form.query.isOpen, !isBlind { header.fact("Calls in progress") { "\(calls)" } }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        tabs
        filters
        if let fault = found.fault {
            notice(.bad) {
                "Runs may be missing: "
                SafeText.text(fault)
            }
        }
        for index in found.unproved {
            notice(.bad) {
                "Record \(index), which the index names as a run's first, is not proved."
            }
        }
        if !found.runs.isEmpty {
            table.html
        } else if form.query.agent != nil || form.query.owner != nil {
            EmptyList.noMatch(
                Link("runs", query: [("show", form.query.isOpen ? "open" : "all")]))
        } else if !seesAgents {
            EmptyList.html(Self.noAccess)
        } else if form.query.isOpen {
            EmptyList.html("No runs are open.", ("Show all runs", form.link(isOpen: false)))
        } else {
            EmptyList.html("No run is in the log. A run begins when an agent connects.")
        }
        pager
    }

    private static let noAccess =
        "Runs are visible to owners of agents and to people with a role."

    private var tabs: HTML {
        element(.nav, .text(.label, "Which runs")) {
            element(.ul) {
                element(.li) { tab("Open", isOpen: true) }
                element(.li) { tab("All", isOpen: false) }
            }
        }
    }

    private func tab(_ name: String, isOpen: Bool) -> HTML {
        let link = form.link(isOpen: isOpen)
        return hyperlink(link, isCurrent: isOpen == form.query.isOpen) { name }
    }

    private var filters: HTML {
        let isEmpty = form.query.agent == nil && form.query.owner == nil
        return FilterForm(
            list: Link("runs"), isEmpty: isEmpty,
            values: [form.query.agent, form.query.owner?.address]
        ) {
            Form.hidden("show", form.query.isOpen ? "open" : "all")
            if let order = form.query.order { Form.hidden("sort", order.text) }
            FilterForm.text("Agent", "agent", Anchor("filter-agent"), form.query.agent)
            FilterForm.text(
                "Owner", "owner", Anchor("filter-owner"), form.query.owner?.address)
        }.html
    }

    private var caption: String {
        guard let order = form.query.order else { return "Runs, the newest first" }
        let column =
            switch order.column {
            case .agent: "agent"
            case .owner: "owner"
            case .since: "start"
            case .state: "state"
            }
        return "Runs, " + order.caption(column)
    }

    /// The column with a link that sorts by it; runs that have ended have one order.
    private func sorted(_ column: Column, by key: RunQuery.Column) -> Column {
        guard form.query.isOpen else { return column }
        return SortedHeaders(
            in: form.query.order ?? RunQuery.Sorting(.since, isDescending: true),
            startingDescending: [.since, .state]
        ) { [form] in form.link(isOpen: true, order: $0) }.column(column, by: key)
    }

    private var table: Table {
        Table(
            caption,
            [
                .id("Run"), sorted(.name("Agent"), by: .agent),
                sorted(.name("Owner", .second), by: .owner), .text("Purpose"),
                .id("On behalf of", .third), sorted(.time("Started"), by: .since),
                .number("Calls", .second), .number("Denied", .second),
                sorted(.state("State"), by: .state),
            ], found.runs, isLinked: true
        ) { run in
            [
                Shape.run(run.run), .name(run.agent.text),
                run.owner.map { Shape.person($0) } ?? .text("none"),
                run.purpose.map { .safe($0) } ?? .text("none"),
                run.subject.map { Shape.id($0.text) } ?? .text("none"),
                Shape.time(run.since), .text(run.tally.map { "\($0.calls)" } ?? "not known"),
                .text(run.tally.map { "\($0.denials)" } ?? "not known"),
                .group(state(of: run)),
            ]
        }
    }

    /// The state in words, with a mark if the isolation of the run is weaker than full.
    @HTMLBuilder private func state(of run: RunSummary) -> [HTML] {
        run.words(of: Shape.short)
        if let weakness = sandbox(run.run).flatMap({ IsolationBadge(setup: $0.setup).weakness }) {
            " "
            badge(weakness, .warning)
        }
    }

    @HTMLBuilder private var pager: [HTML] {
        if let next = found.next {
            element(.nav, .style(.pager), .text(.label, "Pages")) {
                let query = form.query
                hyperlink(form.link(isOpen: query.isOpen, order: query.order, before: next)) {
                    query.order == nil ? "Older" : "Later"
                }
            }
        }
    }
}

extension RunSummary {
    /// The run's state in words.
    ///
    /// - Parameter shown: returns the form in which the id of a halt is shown.
    func words(of shown: (String) -> String = { $0 }) -> String {
        let flying = inFlight > 0 ? ", \(inFlight) in flight" : ""
        switch state {
        case .open: return "open" + flying
        case .halted(let order): return "stopped by \(shown(order.text))" + flying
        case .ended: return "ended"
        }
    }
}
