import InterlockModel

/// The headings of the list, by how soon a line is due.
enum InboxDeadline: CaseIterable {
    case overdue, hour, today, later

    /// - Parameter due: nil for what waits without an end.
    init(_ due: Timestamp?, at now: Timestamp) {
        guard let due else {
            self = .later
            return
        }
        self =
            switch due {
            case ...now: .overdue
            case ..<(now + .seconds(3600)): .hour
            case ..<(now + .seconds(86_400)): .today
            default: .later
            }
    }

    var name: String {
        switch self {
        case .overdue: "Overdue"
        case .hour: "Due within the hour"
        case .today: "Due within a day"
        case .later: "Later"
        }
    }
}
