import InterlockDeployment
package import InterlockPorts
import InterlockReview
import InterlockReviews

/// The files of reviews in one folder.
package struct ReviewFolder: ReviewFiles {
    private let files: StatementFolder

    package init(path: String) {
        files = StatementFolder(path: path, thread: "reviews", largest: ReviewSample.largest)
    }

    package func write(_ bytes: [UInt8], as name: String) async throws(StoreFailure) {
        try await files.write(bytes, as: name)
    }

    package func read(_ name: String) async throws(StoreFailure) -> [UInt8]? {
        try await files.read(name)
    }
}
