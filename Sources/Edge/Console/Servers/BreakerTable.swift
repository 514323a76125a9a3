import InterlockAdministration
import InterlockMarkup

/// The circuit breakers of servers that do not admit every call.
struct BreakerTable {
    let breakers: [OpenBreaker]

    var html: HTML {
        Table(
            "Breakers that do not let every call through",
            [.name("Breaker"), .state("State"), .time("Until")], breakers
        ) { breaker in [.safe(breaker.name), .text(breaker.state.text), Self.end(breaker)] }.html
    }

    static func end(_ breaker: OpenBreaker) -> HTML {
        switch breaker.state {
        case .open(let until): Shape.time(until)
        case .halfOpen: .text("calls that try have come back")
        }
    }
}
