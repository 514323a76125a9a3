package import InterlockMarkup

/// The page of a person's own settings, and its forms.
package enum SettingsRoute: Equatable {
    case page
    case appearance
    case endOthers

    /// - Parameter parts: the path components after `/settings`.
    init?(_ parts: ArraySlice<String>) {
        switch Array(parts) {
        case []: self = .page
        case ["appearance"]: self = .appearance
        case ["end-others"]: self = .endOthers
        default: return nil
        }
    }

    package var isDeed: Bool { self != .page }

    /// The address, of the page or of a form.
    package var address: Link {
        switch self {
        case .page: Link("settings")
        case .appearance: Link("settings", "appearance")
        case .endOthers: Link("settings", "end-others")
        }
    }
}
