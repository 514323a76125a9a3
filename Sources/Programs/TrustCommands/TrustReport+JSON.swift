import InterlockEvals
package import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockTrust

// The report for programs.
extension TrustReport {
    /// - Parameter explains: adds the leaf hashes of each criterion and the bad runs.
    package func json(explains: Bool) -> JSONValue {
        var object = JSONObject()
        object["agent"] = .string(agent.text)
        if let stage = limits.effective { object["stage"] = .integer(Int64(stage.rawValue)) }
        object["column"] = .string(terms.stage.rawValue)
        object["quota"] = .integer(terms.quotaPercent)
        object["ceiling"] = .string(limits.ceiling?.name ?? "observe")
        object["delegation"] = limits.delegation.map { .string($0.name) }
        object["promotion"] = limits.promotion.map { .string($0.name) }
        object["demotion"] = limits.demotion.map { .string($0.name) }
        if let promotion = history.stage.promotion, let until = promotion.until {
            object["promoted_until"] = .string(until.rfc3339(fractionDigits: 0))
        }
        object["cooldown_until"] = cooldownEnd.map { .string($0.rfc3339(fractionDigits: 0)) }
        object["denials"] = .object(denials)
        object["credit"] = .integer(Int64(count.credit))
        object["runs"] = .object(runs)
        object["whole"] = .bool(isWhole)
        if let last = history.lastChange {
            object["since"] = .string(last.time.rfc3339(fractionDigits: 0))
            object["reset_by"] = .string(last.change.text)
        }
        object["criteria"] = .object(criteria)
        if let assessment { object["next"] = .string(assessment.stage.name) }
        object["met"] = .bool(isMet)
        object["next_step"] = .string(stepText)
        object["values"] = .array(
            (assessment?.results ?? []).map { Self.json($0, explains: explains) })
        object["history"] = .array(
            history.stage.entries.suffix(Self.most).map { Self.json($0, explains: explains) })
        if explains {
            object["bad_runs"] = .array(badRuns.map { json($0) })
            object["classified"] = .array(
                classified.suffix(Self.most).map { Self.json($0.denial, $0.stated) })
            object["alarms"] = .array(
                history.denialAlarms.map {
                    [
                        "leaf": .string($0.leaf.base64),
                        "at": .string($0.time.rfc3339(fractionDigits: 0)),
                    ]
                })
        }
        return .object(object)
    }

    private var runs: JSONObject {
        var object = JSONObject()
        object["clean"] = .integer(Int64(count.clean))
        object["bad"] = .integer(Int64(count.bad))
        object["empty"] = .integer(Int64(count.empty))
        object["open"] = .integer(Int64(count.open))
        object["not_counted"] = .integer(Int64(count.notCounted))
        return object
    }

    private var criteria: JSONObject {
        var object = JSONObject()
        object["path"] = .string(file.path)
        object["exists"] = .bool(file.exists)
        object["version"] = .string(file.criteria.version)
        if let digest = file.digest { object["digest"] = .string(digest) }
        object["loosened"] = .array(loosened.map { .string($0) })
        return object
    }

    /// The sum in thousandths of a standard deviation, so that other programs can compare it.
    private var denials: JSONObject {
        var object = JSONObject()
        object["sum"] = .integer(Int64(history.cusum.sum))
        object["limit"] = .integer(Int64(DenialCusum.limit))
        object["alarms"] = .integer(Int64(history.denialAlarmCount))
        for cause in DenialCause.allCases {
            object[cause.rawValue] = .integer(
                Int64(history.classifications.values.count { $0.cause == cause }))
        }
        return object
    }

    private static func json(_ entry: StageEvent, explains: Bool) -> JSONValue {
        var object: JSONObject = [
            "kind": .string(entry.kind.word), "to": .string(entry.to.name),
            "at": .string(entry.at.rfc3339(fractionDigits: 0)),
        ]
        object["from"] = entry.from.map { .string($0.name) }
        object["until"] = entry.until.map { .string($0.rfc3339(fractionDigits: 0)) }
        object["code"] = entry.code.map { .string($0) }
        if explains { object["leaf"] = .string(entry.leaf.base64) }
        return .object(object)
    }

    private static func json(_ denial: Digest, _ stated: RecordedCause) -> JSONValue {
        var object: JSONObject = [
            "denial": .string(denial.base64), "cause": .string(stated.cause.rawValue),
            "by": .string(stated.by), "at": .string(stated.time.rfc3339(fractionDigits: 0)),
            "leaf": .string(stated.leaf.base64),
        ]
        object["policy"] = stated.policy.map { .string($0.prefixed) }
        return .object(object)
    }

    private func json(_ run: RunFacts) -> JSONValue {
        let flaws = run.flaws(classified: causes).prefix(Self.most).map { flaw -> JSONValue in
            ["kind": .string(flaw.kind.rawValue), "leaf": .string(flaw.leaf.base64)]
        }
        return ["run": .string(run.run), "flaws": .array(flaws)]
    }

    private static func json(_ result: CriterionResult, explains: Bool) -> JSONValue {
        var object: JSONObject = [
            "criterion": .string(result.criterion.rawValue), "value": .string(result.value.text),
            "threshold": .string(result.threshold), "met": .bool(result.isMet),
            "records": .integer(Int64(result.leaves.count)),
        ]
        if case .rate(let rate, let interval) = result.value {
            object["cases"] = .integer(Int64(rate.passes))
            object["of"] = .integer(Int64(rate.total))
            object["upper"] = .string(rateText(interval.upperBound(rate)))
        }
        if explains {
            object["leaves"] = .array(result.leaves.suffix(most).map { .string($0.base64) })
        }
        return .object(object)
    }

    private static func rateText(_ rate: Double) -> String {
        RateText.decimal(rate, digits: 5)
    }
}
