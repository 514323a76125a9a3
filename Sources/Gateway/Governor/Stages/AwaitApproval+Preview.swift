import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension CallPipeline {
    /// Fills the tool's template and runs its preview, if it has one. Durable on return: the preview, as a call of its
    /// own. If the process dies here no request was created.
    func show(
        _ recorded: RecordedCall, by entry: TemplateSet.Entry, _ caller: Caller
    ) async -> Result<TemplateShown, Refusal> {
        let arguments = recorded.resolved.arguments
        let template = entry.template
        do throws(TemplateGap) {
            var shown = try TemplateShown(
                entry, of: arguments,
                units: recorded.resolved.policy.units(of: recorded.address))
            guard let preview = template.preview else { return .success(shown) }
            let wanted = try preview.arguments(for: arguments)
            do throws(PreviewFault) {
                let reading = try await read(template, preview, wanted, for: recorded.call, caller)
                shown.add(reading, by: preview)
                shown.add(preconditions: reading.members(template.preconditions))
            } catch {
                // Preconditions must be known, and at tier high the preview must be displayed.
                guard recorded.decision.tier != .high, template.preconditions.isEmpty else {
                    return .failure(.noPreview(error))
                }
                shown.add(error, by: preview)
            }
            return .success(shown)
        } catch {
            return .failure(
                .unreviewable(
                    "the call has no `\(error.path)`, which its review shows", "not-shown"))
        }
    }

    /// Runs the preview through the same pipeline, so that every rule that refuses an agent's call refuses it too.
    private func read(
        _ template: ReviewTemplate, _ preview: ReviewTemplate.Preview, _ arguments: JSONValue,
        for call: Call, _ caller: Caller
    ) async throws(PreviewFault) -> PreviewReading {
        let policy = gateway.policy.snapshot(for: call.principal.agent)
        // Nothing of a call leaves the organisation before people have decided about it.
        guard policy.servers[preview.tool.server]?.tools[preview.tool.tool]?.toolClass == .read,
            !policy.flow(of: preview.tool).sends
        else { throw .refused }
        let parsed = parse(preview: preview.tool, arguments, of: call)
        let end = await govern(
            parsed, Caller(exchange: NoExchange(), credential: caller.current(of: call).credential))
        return try PreviewReading(
            end, of: parsed.call.id, naming: Set(preview.show).union(template.preconditions))
    }

    /// Checks that the basis of an approval is unchanged: the units, the template, and the values of its preconditions, which are
    /// read again.
    ///
    /// - Returns: the reason why the call is not sent, or nil if nothing has changed.
    func changedGround(of approved: ApprovedCall, _ caller: Caller) async -> Refusal? {
        guard let grant = approved.grant else { return nil }
        let recorded = approved.recorded
        let review = grant.review
        let policy = gateway.policy.snapshot(for: recorded.call.principal.agent)
        let entry = policy.templates[recorded.address]
        guard
            review.hasAmounts(
                policy.reviewedAmounts(of: recorded.address, in: review.call.arguments))
        else {
            _ = await gateway.approvals.change(grant.id, .void(.policyChanged))
            return .changed("units", "the units in which people read such calls have changed")
        }
        guard review.template == entry?.digest else {
            _ = await gateway.approvals.change(grant.id, .void(.policyChanged))
            return .changed("template", "what people are shown of such calls has changed")
        }
        guard let template = entry?.template, !template.preconditions.isEmpty,
            let preview = template.preview
        else { return nil }
        let arguments = recorded.resolved.arguments
        do {
            let reading = try await read(
                template, preview, try preview.arguments(for: arguments), for: recorded.call,
                caller)
            let now = JSONValue.object(reading.members(template.preconditions))
            guard let seen = review.facts[TemplateShown.preconditions],
                try seen.canonical() == now.canonical()
            else {
                _ = await gateway.approvals.change(grant.id, .void(.preconditionChanged))
                return .preconditionChanged
            }
            return nil
        } catch {
            // The preconditions are unknown, so the call is refused; the grant stays for a repeat until it expires.
            return .noPreview(error as? PreviewFault ?? .failed)
        }
    }
}

extension Refusal {
    fileprivate static func noPreview(_ fault: PreviewFault) -> Refusal {
        Refusal(
            .denied, "approval", "no-preview",
            "what the call changes could not be read (\(fault.rawValue))",
            retryAfterMilliseconds: 1000, outcome: .notExecuted)
    }

    fileprivate static let preconditionChanged = Refusal(
        .approvalDenied, "approval", "precondition-changed",
        "precondition changed: what people saw when they approved is not there any more; ask again",
        outcome: .notExecuted)
}

/// The exchange of a preview, whose response only the call that needs it receives.
private final class NoExchange: Exchange {
    func respond(_ response: HTTPResponse) {}
    func startEvents(headers: [(name: String, value: String)]) {}
    func send(event: [UInt8]) {}
    func endEvents() {}
    func outlive() {}
    func onClose(_ handler: @escaping @Sendable () -> Void) {}
}
