import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockMCP
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    /// Returns the signer of orders in this session, or nil if there is no kill switch.
    func orderSigner(_ session: PersonSession) -> OrderSigner? {
        api.operations.halts.map {
            OrderSigner(session: session, roles: $0.roles(of: session.pseudonym), way: way)
        }
    }

    /// Returns the form that halts the target, or the link to the halt if it is halted already. Empty if the kill
    /// switch is not available.
    ///
    /// - Parameter halt: a halt that stops the target, which may be a wider one than the target's own.
    func stopping(
        _ target: HaltTarget, _ halt: OrderID?, _ session: PersonSession
    ) -> [HTML] {
        guard let service = api.operations.halts, let signer = orderSigner(session) else {
            return []
        }
        let own = service.standingHalts.first { $0.order.target == target }?.order.id
        guard let status = halt ?? own else {
            return [
                element(.section) {
                    element(.h2) { "Stop" }
                    signer.form(.halt(target))
                }
            ]
        }
        return [
            element(.section) {
                element(.h2) { "Stop" }
                element(.p) {
                    "Stopped already. "
                    hyperlink(HaltRoute.report(status).link) { "Show halt" }
                }
            }
        ]
    }

    /// The place of the forms that stop what a page shows.
    static let orders = Anchor("orders")

    /// Returns the step to the form of `stopping`, or to the halt if there is one; nil for a person without the role.
    func stopAction(
        _ words: String, _ halt: OrderID?, _ session: PersonSession
    ) -> HeaderAction? {
        guard let signer = orderSigner(session) else { return nil }
        if let halt { return HeaderAction("Show halt", HaltRoute.report(halt).link) }
        return signer.roles.contains(.kill)
            ? HeaderAction(words, .to(Self.orders), isDanger: true) : nil
    }

    func haltPage(
        _ route: HaltRoute, _ query: String?, _ session: PersonSession
    ) -> HTTPResponse {
        guard let service = api.operations.halts, let signer = orderSigner(session) else {
            return problem(503, "The kill switch cannot be reached here.", viewer: session)
        }
        guard let fields = FormFields.parse(query ?? "") else { return malformed(session) }
        switch route {
        case .list:
            let page = HaltListPage(
                view: haltList(service, signer),
                unknown: unknownOutcomes(of: service.standingHalts, session),
                meant: HaltTarget(scope: fields["scope"] ?? "", target: fields["target"] ?? ""))
            return Page(
                title: "Kill switch", section: .halt, viewer: session, header: page.header,
                signsOrders: true
            ) { page.content }.response(200, frame)
        case .report(let id):
            guard let view = halt(id, service, signer) else {
                return problem(404, "Halt not found", viewer: session)
            }
            let page = HaltPage(
                view: view,
                unknown: view.isActive ? unknownOutcomes(of: [view.halt], session) : [])
            return Page(
                title: "Halt of \(view.halt.order.target)", section: .halt, viewer: session,
                header: page.header, live: view.report == nil ? nil : .report, signsOrders: true
            ) { page.content }.response(200, frame)
        case .drill(let id): return drillPage(id, session)
        }
    }

    private func haltList(_ service: HaltService, _ signer: OrderSigner) -> HaltListView {
        let status = service.standingHalts
        let active = Set(status.map(\.order.id))
        let ended = service.reports.all.map(\.order).filter { !active.contains($0.id) }
        return HaltListView(
            epoch: service.epoch, node: service.node, halts: status,
            ended: ended.prefix(HaltListView.mostEnded).map { service.named($0) },
            points: service.points, releases: service.waitingReleases,
            drills: sources.drills.map { drills in
                DrillListView(
                    status: drills.status, drills: try? drills.listed(),
                    isAuto: drills.isAuto, at: drills.at.description,
                    mayStart: maySign(drills, signer.session))
            }, signer: signer)
    }

    /// The unknown outcomes of what these halts stop, of the agents that the person sees.
    private func unknownOutcomes(
        of halts: [ActiveHalt], _ session: PersonSession
    ) -> [UnknownOutcome] {
        guard !halts.isEmpty, let outcomes = sources.outcomes else { return [] }
        return outcomes.unchecked(for: sources.visibility(session.person)).filter { outcome in
            halts.contains { outcome.isStopped(by: $0.order.target) }
        }
    }

    private func halt(_ id: OrderID, _ service: HaltService, _ signer: OrderSigner) -> HaltView? {
        let report = service.reports[id]
        let active = service.standingHalts.first { $0.order.id == id }
        guard let halt = active ?? report.map({ service.named($0.order) }) else { return nil }
        return HaltView(halt, isActive: active != nil, report: report, signer: signer)
    }

    private func drillPage(_ id: OrderID, _ session: PersonSession) -> HTTPResponse {
        guard let drills = sources.drills else {
            return problem(404, "Drill not found", viewer: session)
        }
        do throws(StoreFailure) {
            guard let drill = try drills.listed().first(where: { $0.report.id == id }) else {
                return problem(404, "Drill not found", viewer: session)
            }
            let signer =
                orderSigner(session) ?? OrderSigner(session: session, roles: [], way: way)
            let page = DrillPage(drill: drill, signer: signer, maySign: maySign(drills, session))
            return Page(
                title: "Drill", section: .halt, viewer: session, header: page.header,
                signsOrders: true
            ) {
                page.content
            }.response(200, frame)
        } catch {
            return problem(503, "The reports of drills cannot be read.", viewer: session)
        }
    }

    private func maySign(_ drills: DrillService, _ session: PersonSession) -> Bool {
        api.operations.orders?.people?.trust.person(session.pseudonym).map(drills.maySign) == true
    }
}
