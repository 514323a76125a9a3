import InterlockAlerts
import InterlockMarkup
import InterlockModel
import InterlockNotification

/// The states of deliveries of alerts in words. Nothing here is green: that a channel took a notification does not say
/// that a person has read it.
enum DeliveryLabels {
    static func state(_ state: AlertDelivery.State) -> HTML {
        switch state {
        case .sent: badge("sent")
        case .waiting(let waiting):
            waiting.tries > 0 ? badge("waiting", .warning) : badge("waiting")
        case .grouped: badge("grouped")
        case .givenUp: badge("given up", .bad)
        case .unknown: badge("unknown", .unknown)
        }
    }

    /// The times and the reason of a state.
    @HTMLBuilder static func detail(_ state: AlertDelivery.State) -> [HTML] {
        switch state {
        case .sent(let time): Shape.time(time)
        case .waiting(let waiting):
            "Queued "
            Shape.time(waiting.since)
            ", \(Shape.count(waiting.tries, "try", "tries")), next "
            Shape.time(waiting.next)
        case .grouped: "Counted in a later notification or a summary"
        case .givenUp(let cause, let time):
            words(of: cause) + ", "
            Shape.time(time)
        case .unknown: "Not recorded since the start of the gateway"
        }
    }

    private static func words(of cause: UndeliveredCause) -> String {
        switch cause {
        case .refused: "Refused by the channel"
        case .gaveUp: "No success for a day"
        case .full: "Too many notifications waited"
        case .noChannel: "Channel not configured"
        case .unkept: "Could not be stored"
        }
    }

    /// The worst state of an alert's channels, with their number, and the age of a delivery that waits.
    @HTMLBuilder static func summary(of alarm: RaisedAlert, _ deliveries: [AlertDelivery]) -> [HTML]
    {
        if !alarm.isTold {
            "recorded only"
        } else if let worst = deliveries.map(\.state).max(by: { rank($0) < rank($1) }) {
            state(worst)
            let count = deliveries.count { rank($0.state) == rank(worst) }
            if deliveries.count > 1 { " \(count) of \(deliveries.count)" }
            if case .waiting(let waiting) = worst {
                " "
                Shape.time(waiting.since)
            }
        } else {
            badge("no channel", .warning)
        }
    }

    /// The order of states, the one that a person should see first at the end.
    private static func rank(_ state: AlertDelivery.State) -> Int {
        switch state {
        case .sent: 0
        case .grouped: 1
        case .waiting(let waiting): waiting.tries > 0 ? 4 : 2
        case .unknown: 3
        case .givenUp: 5
        }
    }
}
