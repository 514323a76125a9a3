package import InterlockMarkup
package import InterlockModel

/// The pages of people and service accounts.
package enum PeopleRoute: Equatable {
    case list
    case person(Pseudonym)
    case waiting
    case workload
    case services

    /// - Parameter parts: the path components after `/people`.
    init?(_ parts: ArraySlice<String>) {
        switch Array(parts) {
        case []: self = .list
        case ["waiting"]: self = .waiting
        case ["workload"]: self = .workload
        case ["services"]: self = .services
        default:
            guard parts.count == 1, let text = parts.first, let bytes = Base64.decodeURL(text),
                bytes.count == Self.pseudonymBytes
            else { return nil }
            self = .person(Pseudonym(text: Base64.encode(bytes)))
        }
    }

    private static let pseudonymBytes = 16

    package var link: Link {
        switch self {
        case .list: Link("people")
        case .person(let pseudonym):
            Link("people", Base64.encodeURL(Base64.decode(pseudonym.text) ?? []))
        case .waiting: Link("people", "waiting")
        case .workload: Link("people", "workload")
        case .services: Link("people", "services")
        }
    }
}
