import InterlockAPI
import InterlockMarkup
import InterlockModel
import InterlockReview
import InterlockReviews

/// `/agents/reviews/due`: the governance reviews of the agents that the viewer sees, those that are due first in front.
struct ReviewsPage {
    static let title = "Reviews"

    let listing: ReviewListing

    var header: PageHeader {
        let (look, words): (StatusBadge.Kind, String) =
            if listing.count == 0 {
                (.unknown, "No access to reviews")
            } else if listing.late > 0 {
                (.problem, "\(listing.late) overdue")
            } else if listing.soon > 0 {
                (.attention, "\(listing.soon) due soon")
            } else {
                (.working, "None is due")
            }
        var header = PageHeader(
            Self.title, back: PageHeader.Back(words: "Agents", link: AgentsRoute.list.link),
            StatusBadge(look, words, from: "The reviews on record, read now."))
        header.say { "What agents did, read by people who sign for it" }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        let part = PagedRows(listing.rows, of: listing.count, page: listing.page)
        card("Reviews", .part) {
            Table(
                "Reviews, those that are due first\(part.place)",
                [
                    .name("Of"), .state("Tier"), .name("Owner", .second), .time("Due"),
                    .state("State"), .time("Signed"), .text("Open", .second),
                ], part.rows
            ) { review in
                [
                    review.nameLink, review.tier.map { Shape.tier($0) } ?? .text("–"),
                    review.owner.map { Shape.person($0) } ?? .text("–"), Shape.time(review.due),
                    review.badge, review.signed.map { Shape.time($0) } ?? .text("never"),
                    .text(review.open == nil ? "–" : "\(review.marked) marked"),
                ]
            }.html(or: "No reviews are visible to you.")
            part.pager { Link("agents", "reviews", "due", query: [("page", $0)]) }
        }
        card("How a review is done", .part) {
            element(.p) {
                "A reviewer who is not the owner opens the review, starts it, reads and marks each record of its sample, states the other parts and signs. The commands are "
                element(.code) { "interlock review status" }
                " and those that it names."
            }
            element(.p) {
                "An agent is at stage 0 and may only read if its review, or that of the organisation, is 14 days late. A new or demoted agent is reviewed each week."
            }
        }
    }
}

extension ReviewSummary {
    var nameLink: HTML {
        guard let agent else {
            return hyperlink(ReviewRoute(nil).link) { "The organisation" }
        }
        return hyperlink(ReviewRoute(agent).link) { SafeText.name(agent.text) }
    }

    var badge: HTML {
        switch step {
        case .current: InterlockMarkup.badge("not due", .muted)
        case .reminder: InterlockMarkup.badge("due soon", .warning)
        case .overdue: InterlockMarkup.badge("overdue", .bad)
        case .escalated: InterlockMarkup.badge("a week overdue", .bad)
        case .demoted: InterlockMarkup.badge("may only read", .bad)
        }
    }
}
