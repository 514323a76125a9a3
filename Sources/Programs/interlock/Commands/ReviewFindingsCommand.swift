import InterlockCommandLine
import InterlockReviewCommands

extension Command {
    static let reviewFindings = compareScopes { log, start, end in
        try PolicyUse(log, from: start, until: end).policies
    }
}
