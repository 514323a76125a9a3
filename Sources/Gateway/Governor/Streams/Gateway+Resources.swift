import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension Gateway {
    /// What `resources/subscribe` and `resources/unsubscribe` do once they are permitted. The server is
    /// asked beside it: its silence keeps no caller.
    func subscribe(_ cleared: ClearedCall) -> UpstreamResponse {
        let call = cleared.call
        guard let follower = call.follower,
            let uri = cleared.recorded.decided.resolved.request.routingName
        else { return .failed(.notExecuted, reason: "there is nobody to tell") }
        let resource = FollowedResource(server: cleared.address.server, uri: uri)
        let agent = call.principal.agent
        if call.method == .unsubscribe {
            resources.remove([resource], of: follower, agent, follow)
        } else {
            let wish = ResourceSubscriptionRegistry.Preferences(
                principal: call.principal, written: call.name)
            guard let place = resources.add(resource, wish, for: follower, follow) else {
                return .failed(.notExecuted, reason: Refusal.tooManySubscriptions.sentence)
            }
            // INVARIANT: first among what is followed, then this: a halt that came in between is not
            // missed.
            guard isStanding(place, revoked: Set(authenticator.revokedRuns)) else {
                resources.remove(place, follow)
                return .failed(.notExecuted, reason: "it is not permitted any more")
            }
        }
        return .result([:], bytes: Array("{}".utf8))
    }

    /// All that it follows.
    func unfollow(_ follower: Follower, of agent: AgentName) {
        resources.remove(resources.resources(of: follower, agent), of: follower, agent, follow)
    }

    private func follow(_ uris: Set<ExactText>, _ server: ServerName, _ agent: AgentName) {
        upstreams.follow(uris, of: server, for: agent) { [weak self] uri in
            self?.changed(FollowedResource(server: server, uri: uri), for: agent)
        }
    }

    /// A server says that a resource is another one than before. Decided anew for each who is told: a
    /// subscription is no right that outlives its grant.
    func changed(_ resource: FollowedResource, for agent: AgentName) {
        let revoked = Set(authenticator.revokedRuns)
        for place in resources.places(of: resource, agent) {
            guard isStanding(place, revoked: revoked) else {
                resources.remove(place, follow)
                continue
            }
            switch place.follower {
            case .session(let session):
                let wish = place.wish
                sessions.tell(ResourceUpdatedNotification.updated(wish.written), in: session) {
                    // The stream's token may be for less than the one that subscribed.
                    $0 == wish.principal || permits(resource, to: $0)
                }
            case .stream(let subscription): subscription.updated(place.wish.written)
            }
        }
    }

    /// Ends the subscriptions that would not be permitted now: of sessions that are over, of agents and
    /// servers that are halted or shut off, of credentials that count no more, of what the policy no longer
    /// grants. Once a second, and after what surely changes that.
    func reviewSubscriptions() {
        let revoked = Set(authenticator.revokedRuns)
        for place in resources.all where !isStanding(place, revoked: revoked) {
            resources.remove(place, follow)
        }
    }

    /// Ends the subscriptions that a halt stops. Cheap at any number, since an order waits for it; other reasons are
    /// reviewed each second.
    package func endHaltedSubscriptions() {
        let policy = policy.snapshot
        for place in resources.all {
            let uri = try? ResourceURI(place.resource.uri)
            let found = uri.flatMap { policy.resource(of: $0, at: place.resource.server) }
            guard let found, halt(of: place.wish.principal, found.address) == nil else {
                resources.remove(place, follow)
                continue
            }
        }
    }

    /// What a session follows is its principal's, not one credential's: it stays when the credential is
    /// renewed, ends with the session, and is told on streams alone, which end with their credential.
    private func isStanding(_ place: ResourceSubscriptionRegistry.Slot, revoked: Set<RunID>) -> Bool
    {
        let principal = place.wish.principal
        switch place.follower {
        case .session(let session):
            guard sessions.isOpen(session), mayAct(principal, revoked: revoked)
            else { return false }
        case .stream: guard counts(principal, revoked: revoked) else { return false }
        }
        return permits(place.resource, to: principal)
    }

    /// Whether a read of it would be permitted now, without anybody's approval.
    private func permits(_ resource: FollowedResource, to principal: Principal) -> Bool {
        let policy = policy.snapshot
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
    /// Each resource of a filter is a call of its own, decided and recorded as one.
    ///
    /// - Returns: those that are allowed, as they were written.
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

    /// Subscriptions are there where some server behind the endpoint has them.
    func isOffered(_ call: Call) -> Bool {
        !call.method.isSubscription
            || !gateway.capabilities(of: call.principal, at: call.server)
                .isDisjoint(with: [.subscriptions, .undeclaredSubscriptions])
    }

    /// A subscription whose caller is told that it failed does not stand: its outcome may not be recorded.
    func settle(_ end: CallEnd, of call: Call) {
        guard call.method == .subscribe, case .closed = end, !end.isResult,
            let follower = call.follower,
            let target = CallTarget(call, under: gateway.policy.snapshot),
            let uri = target.arguments["uri"]?.string
        else { return }
        gateway.unfollow(
            FollowedResource(server: target.address.server, uri: uri), of: follower,
            call.principal.agent)
    }
}

extension Gateway {
    fileprivate func unfollow(
        _ resource: FollowedResource, of follower: Follower, _ agent: AgentName
    ) {
        resources.remove([resource], of: follower, agent, follow)
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
