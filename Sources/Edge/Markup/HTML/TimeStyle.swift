package import InterlockModel

/// The written part of a time.
package enum TimeForm: Sendable {
    /// Date and time to the second, with the offset.
    case exact
    /// "8 min ago" or "in 12 min" within a day of the page's moment, else "26 Nov 15:46"; the year is there if it is
    /// not that of the page.
    case relative
    /// "15:46:12 UTC", for the time of the page itself; the whole time is in the title.
    case clock
}

/// The way in which the times of a page are written: in one zone, and in UTC as well if a person signs there.
package struct TimeStyle: Sendable {
    package static let utc = TimeStyle(zone: ZoneRules(fixedSeconds: 0))

    package let zone: ZoneRules
    /// True if each time is written in UTC too, as text.
    package var addsUTC = false
    /// The moment that the page shows. If it is nil, no time is written relative to it, so that the same part of a page
    /// is the same at any moment.
    package var now: Timestamp?

    package init(zone: ZoneRules, addsUTC: Bool = false, now: Timestamp? = nil) {
        self.zone = zone
        self.addsUTC = addsUTC
        self.now = now
    }

    /// Returns the element of a time. Its title is the time in UTC.
    package func html(of time: Timestamp, _ form: TimeForm) -> HTML {
        let offset = zone.offset(at: time.seconds)
        let isWholeUTC = offset == 0 && form == .exact
        let isUTC = offset == 0 && form != .relative
        let shown = HTML.element(
            .time, attributes(of: time, form, titled: !isWholeUTC), [.text(words(time, form))])
        guard addsUTC, !isUTC else { return shown }
        return .group([
            shown, .text(" "), .element(.span, [.style(.number)], [.text("(\(Self.utc(time)))")]),
        ])
    }

    private func attributes(
        of time: Timestamp, _ form: TimeForm, titled: Bool
    ) -> [Attribute] {
        let kept: [Attribute] = form == .relative ? [.text(.moment, moment(time))] : []
        return [.text(.datetime, time.rfc3339(fractionDigits: 0))]
            + kept + (titled ? [.text(.title, Self.utc(time))] : [])
    }

    private func words(_ time: Timestamp, _ form: TimeForm) -> String {
        switch form {
        case .exact: return Self.exact(local(time), zone.offset(at: time.seconds))
        case .clock:
            let offset = zone.offset(at: time.seconds)
            let clock = local(time).rfc3339(fractionDigits: 0).dropFirst(11).prefix(8)
            return "\(clock) \(offset == 0 ? "UTC" : Self.words(of: offset))"
        case .relative:
            return now.flatMap { RelativeTime.words(time.seconds - $0.seconds) }
                ?? moment(time)
        }
    }

    /// "26 Nov 15:46", with the year if it is not that of the page.
    private func moment(_ time: Timestamp) -> String {
        let local = local(time)
        let year = now.map { self.local($0).day.year } ?? local.day.year
        return "\(local.day.day) \(local.day.monthName) "
            + (local.day.year == year ? "" : "\(local.day.year) ") + Self.minute(local)
    }

    /// The time moved by its offset, so that its form in UTC is the local one.
    private func local(_ time: Timestamp) -> Timestamp {
        let offset = Int64(zone.offset(at: time.seconds)) * 1_000_000
        return Timestamp(microseconds: time.microseconds + offset)
    }

    private static func exact(_ local: Timestamp, _ offset: Int) -> String {
        let day = local.rfc3339(fractionDigits: 0).replacing("T", with: " ")
        return day.replacing("Z", with: offset == 0 ? " UTC" : " " + words(of: offset))
    }

    private static func utc(_ time: Timestamp) -> String { exact(time, 0) }

    private static func minute(_ local: Timestamp) -> String {
        String(local.rfc3339(fractionDigits: 0).dropFirst(11).prefix(5))
    }

    /// "+01:00"; seconds of an offset, as zones had them long ago, are left out.
    private static func words(of offset: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = abs(offset) / 60
        return (offset < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60)
    }
}
