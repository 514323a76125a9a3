import InterlockJSON
import InterlockPolicy

extension DataRule {
    /// The directions of a change from one value to another; empty if the change has no effect.
    func directions(_ old: JSONValue?, _ new: JSONValue?) -> [Difference.Direction] {
        switch self {
        case .decided, .whole: []
        case .wording: [.notComparable]
        case .higher(let absent): [ordered(old?.integer, new?.integer, absent)]
        case .number(let absent): numbers(old?.integer ?? absent, new?.integer ?? absent)
        case .lower: [ordered(new?.integer, old?.integer, .narrowest)]
        case .rate: rates(old, new)
        case .more(let absent): sets(old?.array, new?.array, absent)
        case .fewer: sets(new?.array ?? [], old?.array ?? [], .narrowest)
        case .keys: new == nil ? [.notComparable] : sets(new?.array, old?.array, .widest)
        case .order(let words, nil): [place(of: old, new, in: words)]
        case .order(let words, let absent?):
            places(old ?? .string(absent), new ?? .string(absent), words)
        case .flag(let effect): flags(old == .bool(true), new == .bool(true), effect)
        case .later: [ordered(CivilDays(old)?.days, CivilDays(new)?.days, .narrowest)]
        case .hours: [hours(WeekHours(old), WeekHours(new), old, new)]
        }
    }

    private func flags(
        _ old: Bool, _ new: Bool, _ whenTrue: FlagEffect
    ) -> [Difference.Direction] {
        if old == new { return [] }
        return [new == (whenTrue == .widens) ? .widens : .narrows]
    }

    private func numbers(_ old: Int64, _ new: Int64) -> [Difference.Direction] {
        if old == new { return [] }
        return [new > old ? .widens : .narrows]
    }

    private func ordered(
        _ old: Int64?, _ new: Int64?, _ absent: AbsentNumber
    ) -> Difference.Direction {
        switch (old, new) {
        case (let old?, let new?): new > old ? .widens : .narrows
        case (nil, let new?): added(new, absent)
        case (let old?, nil): removed(old, absent)
        case (nil, nil): .notComparable
        }
    }

    private func added(_ number: Int64, _ absent: AbsentNumber) -> Difference.Direction {
        switch absent {
        case .widest: .narrows
        case .narrowest: .widens
        case .number(let usual): number > usual ? .widens : .narrows
        }
    }

    /// The removal of a number above the usual one is not comparable: another part of the policy may state more.
    private func removed(_ number: Int64, _ absent: AbsentNumber) -> Difference.Direction {
        switch absent {
        case .widest: .widens
        case .narrowest: .narrows
        case .number(let usual): number > usual ? .notComparable : .widens
        }
    }

    private func rates(_ old: JSONValue?, _ new: JSONValue?) -> [Difference.Direction] {
        if old == nil || new == nil { return [old == nil ? .narrows : .widens] }
        // Windows of different lengths are not comparable: neither rate admits more at every time.
        guard let before = Rate(old), let after = Rate(new),
            before.windowSeconds == after.windowSeconds
        else { return [.notComparable] }
        return before.count == after.count ? [] : [after.count > before.count ? .widens : .narrows]
    }

    private func sets(
        _ old: [JSONValue]?, _ new: [JSONValue]?, _ absent: Absent
    ) -> [Difference.Direction] {
        let everything = absent == .widest
        guard let new else { return [everything ? .widens : .narrows] }
        guard let old else { return everything ? [.narrows] : new.isEmpty ? [] : [.widens] }
        let before = Set(old)
        let after = Set(new)
        var result: [Difference.Direction] = []
        if !after.isSubset(of: before) { result.append(.widens) }
        if !before.isSubset(of: after) { result.append(.narrows) }
        return result
    }

    private func places(
        _ old: JSONValue, _ new: JSONValue, _ words: [String]
    ) -> [Difference.Direction] { old == new ? [] : [place(of: old, new, in: words)] }

    private func place(
        of old: JSONValue?, _ new: JSONValue?, in words: [String]
    ) -> Difference.Direction {
        // An absent word restricts least: adding a mask, for instance, narrows.
        if old == nil { return .narrows }
        if new == nil { return .widens }
        guard let before = old?.string.flatMap(words.firstIndex),
            let after = new?.string.flatMap(words.firstIndex)
        else { return .notComparable }
        return after > before ? .widens : .narrows
    }

    private func hours(
        _ before: WeekHours?, _ after: WeekHours?, _ old: JSONValue?, _ new: JSONValue?
    ) -> Difference.Direction {
        if old == nil { return .narrows }
        if new == nil { return .widens }
        guard let before, let after, before.zone == after.zone else { return .notComparable }
        if after.minutes.isSuperset(of: before.minutes) { return .widens }
        return before.minutes.isSuperset(of: after.minutes) ? .narrows : .notComparable
    }
}

extension Rate {
    fileprivate init?(_ value: JSONValue?) {
        guard let count = value?["n"]?.integer, let window = value?["per"]?.integer else {
            return nil
        }
        self.init(count: count, windowSeconds: window)
    }
}
