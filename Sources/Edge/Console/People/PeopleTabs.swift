import InterlockAPI
import InterlockMarkup
import InterlockModel

/// The links between the pages of people: only those that the viewer may see.
struct PeopleTabs {
    let current: PeopleRoute
    /// The number of what waits for a second person; nil for those who may not see it.
    let waiting: Int?
    let hasWorkload: Bool
    let hasServices: Bool
    let hasPeople: Bool

    var html: HTML {
        element(.nav, .text(.label, "People")) {
            element(.ul) {
                if hasPeople { tab(.list, "People") }
                if let waiting { tab(.waiting, "Waiting (\(waiting))") }
                if hasWorkload { tab(.workload, "Workload") }
                if hasServices { tab(.services, "Services") }
            }
        }
    }

    private func tab(_ route: PeopleRoute, _ name: String) -> HTML {
        element(.li) { hyperlink(route.link, isCurrent: route == current) { name } }
    }
}
