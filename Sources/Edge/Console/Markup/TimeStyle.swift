import InterlockModel

/// The written part of a time.
enum TimeForm: Sendable {
    /// Date and time to the second, with the offset.
    case whole
    /// "26 Nov 15:46", for lists; the whole time is in the title.
    case moment
    /// "15:46:12 UTC", for the time of the page itself; the whole time is in the title.
    case clock
}

/// The way in which the times of a page are written: in one zone, and in UTC as well if a person signs there.
struct TimeStyle: Sendable {
    static let utc = TimeStyle(zone: ZoneRules(fixedSeconds: 0))

    let zone: ZoneRules
    /// True if each time is written in UTC too, as text.
    var addsUTC = false

    /// Returns the element of a time. Its title is the time in UTC.
    func html(of time: Timestamp, _ form: TimeForm) -> HTML {
        let text = time.rfc3339(fractionDigits: 0)
        let offset = zone.offset(at: time.seconds)
        let isUTC = offset == 0
        let local = Timestamp(microseconds: time.microseconds + Int64(offset) * 1_000_000)
        let title: [Attribute] = isUTC && form == .whole ? [] : [.text(.title, Self.utc(time))]
        let shown = HTML.element(
            .time, [.style(.nowrap, .number), .text(.datetime, text)] + title,
            [.text(Self.words(local, form, offset))])
        guard addsUTC, !isUTC else { return shown }
        return .group([
            shown, .text(" "),
            .element(.span, [.style(.nowrap, .number)], [.text("(\(Self.utc(time)))")]),
        ])
    }

    /// The time of day, "10:41", where the day is clear from the context.
    func minute(_ time: Timestamp) -> String {
        let offset = Int64(zone.offset(at: time.seconds)) * 1_000_000
        return Self.minute(Timestamp(microseconds: time.microseconds + offset))
    }

    /// - Parameter local: the time moved by its offset, so that its form in UTC is the local one.
    private static func words(_ local: Timestamp, _ form: TimeForm, _ offset: Int) -> String {
        switch form {
        case .whole:
            let day = local.rfc3339(fractionDigits: 0).replacing("T", with: " ")
            return day.replacing("Z", with: offset == 0 ? " UTC" : " " + words(of: offset))
        case .clock:
            let clock = local.rfc3339(fractionDigits: 0).dropFirst(11).prefix(8)
            return "\(clock) \(offset == 0 ? "UTC" : words(of: offset))"
        case .moment: return "\(local.day.day) \(local.day.monthName) \(minute(local))"
        }
    }

    private static func utc(_ time: Timestamp) -> String { words(time, .whole, 0) }

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
