import InterlockModel

/// The dates that tokens may mean. Names of months and relative dates are read in English.
struct DateReadings {
    /// The day against which relative dates are resolved, or nil if they mean nothing.
    let reference: CivilDate?

    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october", "november", "december",
    ]
    /// 1970-01-01 was a Thursday.
    private static let weekdays = [
        "thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday",
    ]

    /// Returns the dates of one token: `2026-12-05`, also with a time, `5.12.2026`, `12/5/2026`.
    static func dates(_ token: ArraySlice<UInt8>) -> [CivilDate] {
        guard token.first.map({ isDigit($0) }) == true, (8...40).contains(token.count) else {
            return []
        }
        let day = token.prefix { isDigit($0) || "-./".utf8.contains($0) }
        // A time follows a date of ISO 8601 alone.
        guard day.count == token.count || day.count == 10 && token.dropFirst(10).first == 0x74
        else { return [] }
        let parts = day.split(
            omittingEmptySubsequences: false, whereSeparator: { !isDigit($0) })
        guard parts.count == 3, let a = number(parts[0]), let b = number(parts[1]),
            let c = number(parts[2])
        else { return [] }
        if parts[0].count == 4 {
            return CivilDate(year: a, month: b, day: c).map { [$0] } ?? []
        }
        guard parts[2].count == 4, day.count == token.count else { return [] }
        let european = CivilDate(year: c, month: b, day: a)
        let american =
            day.contains(UInt8(ascii: "/")) && a != b ? CivilDate(year: c, month: a, day: b) : nil
        return [european, american].compactMap { $0 }
    }

    /// The time of day of a token such as `2026-12-05t14:00:00z`, as `14:00`, or nil if it has none or midnight.
    static func time(_ token: ArraySlice<UInt8>) -> [UInt8]? {
        guard token.count >= 16, !dates(token).isEmpty else { return nil }
        let time = Array(token.dropFirst(11).prefix(5))
        return time.elementsEqual("00:00".utf8) ? nil : time
    }

    /// Returns false if no expression begins with the word.
    static func mayBegin(_ word: ArraySlice<UInt8>) -> Bool {
        guard let first = word.first, word.count <= 9 else { return false }
        return isDigit(first) ? word.count <= 4 : "adfijmnostwy".utf8.contains(first)
    }

    /// Passes the dates of the expressions that begin at a token.
    ///
    /// - Parameter words: the token and at most three after it.
    func expressions(_ words: [ArraySlice<UInt8>], _ found: (CivilDate) -> Void) {
        guard let first = words.first else { return }
        if let month = Self.month(first), words.count > 1, let day = Self.day(words[1]) {
            pass(day, month, words.dropFirst(2).first, found)
        }
        if let day = Self.day(first), words.count > 1 {
            let next = words[1].elementsEqual("of".utf8) && words.count > 2 ? 2 : 1
            if let month = Self.month(words[next]) {
                pass(day, month, words.dropFirst(next + 1).first, found)
            }
        }
        if let reference { relative(words, reference, found) }
    }

    private func pass(
        _ day: Int, _ month: Int, _ year: ArraySlice<UInt8>?, _ found: (CivilDate) -> Void
    ) {
        if let year, year.count == 4, let number = Self.number(year) {
            if let date = CivilDate(year: number, month: month, day: day) { found(date) }
            return
        }
        guard let reference else { return }
        for year in [reference.year, reference.year + 1] {
            guard let date = CivilDate(year: year, month: month, day: day), date >= reference
            else { continue }
            return found(date)
        }
    }

    private func relative(
        _ words: [ArraySlice<UInt8>], _ today: CivilDate, _ found: (CivilDate) -> Void
    ) {
        func pass(_ days: Int64) { found(CivilDate(daysSince1970: today.daysSince1970 + days)) }
        let first = words[0]
        if first.elementsEqual("today".utf8) || first.elementsEqual("tonight".utf8) { pass(0) }
        if first.elementsEqual("tomorrow".utf8) { pass(1) }
        if first.elementsEqual("yesterday".utf8) { pass(-1) }
        let isNext = first.elementsEqual("next".utf8)
        let named = isNext && words.count > 1 ? words[1] : first
        if let weekday = Self.weekdays.firstIndex(where: { named.elementsEqual($0.utf8) }) {
            let ahead = (Int64(weekday) - today.daysSince1970) % 7
            let days = ahead > 0 ? ahead : ahead + 7
            pass(days)
            // People mean either of two by `next`.
            if isNext { pass(days + 7) }
        }
        if first.elementsEqual("in".utf8), words.count > 2, let number = Self.number(words[1]),
            number <= 1_000
        {
            if words[2].starts(with: "day".utf8) { pass(Int64(number)) }
            if words[2].starts(with: "week".utf8) { pass(Int64(number) * 7) }
        }
    }

    /// Returns the month of a name, or of its first three letters or more.
    private static func month(_ word: ArraySlice<UInt8>) -> Int? {
        guard word.count >= 3 else { return nil }
        return months.firstIndex { $0.utf8.starts(with: word) }.map { $0 + 1 }
    }

    private static func day(_ word: ArraySlice<UInt8>) -> Int? {
        let digits = word.prefix { isDigit($0) }
        let rest = String(decoding: word.dropFirst(digits.count), as: UTF8.self)
        guard ["", "st", "nd", "rd", "th"].contains(rest), digits.count <= 2 else { return nil }
        return number(digits).flatMap { (1...31).contains($0) ? $0 : nil }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...6).contains(digits.count), digits.allSatisfy({ isDigit($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
