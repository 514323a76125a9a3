package import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    package static let reviewDiscard = Command(
        "review discard ID", "drop a review document that waits for signatures",
        example: "interlock review discard 01kag0q9m2c4e6g8j0k2n4p6r8",
        options: [.directory, .json],
        exits: .ofOrders,
        notes: """
            Nothing of a review is changed after the first signature. The document is recorded with those who signed it \
            (`review.discarded`), and the review stays open: its marks are kept, and it is signed anew. Exit 1: none waits.
            """
    ) { invocation in
        let id = try reviewID(invocation)
        let answer = try invocation.gateway().post(
            "/v1/reviews/\(id.text)/discard", JSONValue.null)
        let signed = answer.strings("signed").map { TerminalEscaping.shown($0) }
        return invocation.print(
            answer, "discarded: the signatures of \(signed.joined(separator: ", ")) are void")
    }
}
