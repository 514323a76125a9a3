import InterlockModel
import InterlockPorts
import InterlockSafety

/// The search in what a run is about to send, for values that leave in pieces, too.
extension Gateway {
    /// The most bytes that are searched for parts of values on the loop of the call, as much as is searched there otherwise.
    private static let mostOnLoop = 64 << 10

    /// Searches what a run is about to send, with what it was about to send before.
    ///
    /// INVARIANT: no call and no request of a run is sent with a stretch of a canary or of a value of the broker once those
    /// of the run have half of the value. Without an answer, it is not sent. Kept by `PartedValueCallTests`.
    func inspection(
        ofSent texts: ResultTexts, by run: RunID, of agent: AgentName
    ) async -> ResultInspection {
        let inspection = await self.inspection(of: texts, for: agent)
        if case .failed = inspection { return inspection }
        guard let parts = await self.parts(in: texts) else { return .failed(.scanner) }
        guard !parts.isEmpty else { return inspection }
        return inspection.adding(runs.sentParts.add(parts, of: run))
    }

    private func parts(in texts: ResultTexts) async -> [ValuePart]? {
        let results = ports.results
        guard texts.bytes > Self.mostOnLoop else { return results.parts(in: texts.texts) }
        return await Task.detached { results.parts(in: texts.texts) }.value
    }
}

extension ResultInspection {
    /// Returns the same inspection with values that were found by their parts. One that is there as a whole is in it already.
    fileprivate func adding(_ parts: [ValuePart]) -> ResultInspection {
        guard !parts.isEmpty else { return self }
        let further = parts.map(ResultFinding.init(parts:))
        switch self {
        case .clean: return .found(further)
        case .undecodable: return .found(further, isUndecodable: true)
        case .marked(let marks, let isUndecodable):
            return .found(further, isUndecodable: isUndecodable, marks: marks)
        case .found(let findings, let isUndecodable, let marks):
            let added = further.filter { part in
                !findings.contains { $0.secretClass == part.secretClass }
            }
            return .found(findings + added, isUndecodable: isUndecodable, marks: marks)
        case .failed: return self
        }
    }
}

extension ResultFinding {
    /// A value of which a run was about to send half. A value of the broker can have a name or an address in it that is no
    /// secret, so it stops no run.
    fileprivate init(parts: ValuePart) {
        self.init(
            rule: parts.planted == nil ? .brokered : .canary,
            secretClass: parts.planted == nil ? .brokered : .canary, extent: .everywhere,
            planted: parts.planted, isDistinct: parts.planted != nil)
    }
}
