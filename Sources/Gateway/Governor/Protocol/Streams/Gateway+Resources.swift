import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension Gateway {
    /// Executes a permitted `resources/subscribe` or `resources/unsubscribe`. The upstream subscription follows
    /// asynchronously: a silent server delays no caller.
    func subscribe(_ cleared: ClearedCall) -> UpstreamResponse {
        let call = cleared.call
        guard let follower = call.follower,
            let uri = cleared.resolved.request.routingName
        else { return .failed(.notExecuted, reason: "no subscriber is left") }
        let resource = FollowedResource(server: cleared.address.server, uri: uri)
        let agent = call.principal.agent
        if call.method == .unsubscribe {
            resources.remove([resource], of: follower, agent, follow)
        } else {
            let preferences = ResourceSubscriptionRegistry.Preferences(
                principal: call.principal, written: call.name)
            guard let place = resources.add(resource, preferences, for: follower, follow) else {
                return .failed(.notExecuted, reason: Refusal.tooManySubscriptions.sentence)
            }
            // INVARIANT: the subscription is registered first, then this check runs, so that a halt in between is not
            // missed.
            guard isStanding(place, revoked: Set(ports.authenticator.revokedRuns)) else {
                resources.remove(place, follow)
                return .failed(.notExecuted, reason: "it is not permitted any more")
            }
        }
        return .result([:], bytes: Array("{}".utf8))
    }

    /// Removes all subscriptions of a follower.
    func unfollow(_ follower: Follower, of agent: AgentName) {
        resources.remove(resources.resources(of: follower, agent), of: follower, agent, follow)
    }

    fileprivate func follow(_ uris: Set<ExactText>, _ server: ServerName, _ agent: AgentName) {
        upstreams.follow(uris, of: server, for: agent) { [weak self] uri in
            self?.changed(FollowedResource(server: server, uri: uri), for: agent)
        }
    }

    /// Handles a server's update of a resource. Each recipient is decided anew: a subscription does not outlive its
    /// grant.
    func changed(_ resource: FollowedResource, for agent: AgentName) {
        let revoked = Set(ports.authenticator.revokedRuns)
        for place in resources.places(of: resource, agent) {
            guard isStanding(place, revoked: revoked) else {
                resources.remove(place, follow)
                continue
            }
            let subscriber = place.preferences.principal
            tell(place) {
                // The stream's token may have fewer scopes than the one that subscribed.
                $0 == subscriber || permits(resource, to: $0)
            }
        }
    }

    /// Sends a follower an update of its resource. Of a session, only the streams of these principals get it.
    private func tell(
        _ place: ResourceSubscriptionRegistry.Slot, where reaches: (Principal) -> Bool
    ) {
        let uri = place.preferences.written
        switch place.follower {
        case .session(let session):
            sessions.tell(.updated(uri), in: session, where: reaches)
        case .stream(let subscription): subscription.updated(uri)
        }
    }

    /// Ends the subscriptions that would not be permitted now: of sessions that are over, of halted agents and halted
    /// or shut-off servers, of invalid credentials, and of resources that the policy no longer grants. Called every
    /// second, and after changes that surely affect them.
    func reviewSubscriptions() {
        let revoked = Set(ports.authenticator.revokedRuns)
        let ended = resources.all.filter { !isStanding($0, revoked: revoked) }
        for place in ended { resources.remove(place, follow) }
        tellEnd(of: ended, revoked)
    }

    /// Sends the followers a last update of each resource: the protocol has no word for a subscription that ended, and
    /// a client that reads again learns why. The streams of followers that may do nothing any more end instead.
    private func tellEnd(of ended: [ResourceSubscriptionRegistry.Slot], _ revoked: Set<RunID>) {
        for place in ended {
            let principal = place.preferences.principal
            guard counts(principal, revoked: revoked) else { continue }
            tell(place) { $0 == principal }
        }
    }

    /// Ends the subscriptions that a halt stops. Cheap at any number, because an order waits for it; other reasons are
    /// reviewed each second.
    package func endHaltedSubscriptions() {
        let policy = policy.snapshot
        let ended = resources.all.filter { place in
            let uri = try? ResourceURI(place.resource.uri)
            let found = uri.flatMap { policy.resource(of: $0, at: place.resource.server) }
            guard let found else { return true }
            return halt(of: place.preferences.principal, found.address) != nil
        }
        guard !ended.isEmpty else { return }
        for place in ended { resources.remove(place, follow) }
        // The order does not wait for it.
        Task { tellEnd(of: ended, Set(ports.authenticator.revokedRuns)) }
    }

    /// Returns whether a subscription is still permitted. A session's subscriptions belong to its principal, not to one
    /// credential: they survive a renewal, end with the session, and are delivered only on streams, which end with
    /// their credential.
    private func isStanding(_ place: ResourceSubscriptionRegistry.Slot, revoked: Set<RunID>) -> Bool
    {
        let principal = place.preferences.principal
        switch place.follower {
        case .session(let session):
            guard sessions.isOpen(session), mayAct(principal, revoked: revoked)
            else { return false }
        case .stream: guard counts(principal, revoked: revoked) else { return false }
        }
        return permits(place.resource, to: principal)
    }

    /// Returns whether a read of the resource would be permitted now, without approval.
    private func permits(_ resource: FollowedResource, to principal: Principal) -> Bool {
        let policy = policy.snapshot(for: principal.agent)
        guard let uri = try? ResourceURI(resource.uri),
            let found = policy.resource(of: uri, at: resource.server),
            halt(of: principal, found.address) == nil,
            upstreams.offers(of: resource.server).subscriptions != .none,
            let pin = pins.pinned(found.address, under: policy),
            isVisible(found.address, to: principal.agent, under: policy)
        else { return false }
        let toolClass = policy.servers[resource.server]?.tools[found.address.tool]?.toolClass
        guard principal.scopes?.covers(found.address, toolClass) ?? true else { return false }
        let whole = JSONValue.object(found.arguments)
        let data = policy.dataObligations(of: found.address, for: principal.agent)
        let arguments = data?.argumentsDropped(from: whole) ?? whole
        guard arguments["uri"] == .string(resource.uri) else { return false }
        let request = DecisionRequest(
            agent: principal.agent, address: found.address, arguments: arguments, completes: nil)
        return judge(request, of: principal, pin, under: policy).decision.verdict == .allow
    }
}

extension CallPipeline {
    /// Decides and records each resource of a filter as a call of its own.
    ///
    /// - Returns: the allowed URIs, as the client wrote them.
    func follow(
        _ wanted: [String], _ id: RequestID, _ body: ParsedBody, _ subscription: Subscription,
        _ caller: Caller
    ) async -> [String] {
        var allowed: [String] = []
        var seen: Set<ExactText> = []
        for uri in wanted where seen.insert(uri).inserted {
            let parsed = parse(following: uri, id, body, subscription)
            guard isOffered(parsed.call) else { break }
            let end = await govern(parsed, caller)
            settle(end, of: parsed.call)
            if end.isResult { allowed.append(uri) }
        }
        return allowed
    }

    /// Returns whether subscriptions exist: some server behind the endpoint must support them.
    func isOffered(_ call: Call) -> Bool {
        !call.method.isSubscription
            || !gateway.capabilities(of: call.principal, at: call.server)
                .isDisjoint(with: [.subscriptions, .undeclaredSubscriptions])
    }

    /// Removes a subscription whose caller gets an error, for instance because its outcome could not be recorded.
    func settle(_ end: CallEnd, of call: Call) {
        guard call.method == .subscribe, case .closed(let closed) = end, !end.isResult,
            let follower = call.follower, let uri = closed.resolved.request.routingName
        else { return }
        gateway.resources.remove(
            [FollowedResource(server: closed.resolved.address.server, uri: uri)], of: follower,
            call.principal.agent, gateway.follow)
    }
}

extension CallEnd {
    fileprivate var isResult: Bool {
        if case .closed(let closed) = self, case .result = closed.shown { true } else { false }
    }
}

extension Refusal {
    static let tooManySubscriptions = Refusal(
        .limited, "limit", "subscriptions",
        "more than \(ResourceSubscriptionRegistry.mostOfOneFollower) resources on one stream, or "
            + "\(ResourceSubscriptionRegistry.mostOfOneAgent) of one agent, are followed; unsubscribe from others",
        outcome: .notExecuted)
    static let noSubscriptions = Refusal(
        .denied, "resource", "no-subscriptions",
        "this server does not say when its resources change; read it again instead",
        outcome: .notExecuted)
    static let subscriptionNeedsNoApproval = Refusal(
        .denied, "resource", "approval-required",
        "each read of this resource needs an approval, so its changes are not told",
        outcome: .notExecuted)
}
