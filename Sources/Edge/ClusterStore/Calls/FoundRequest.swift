package import InterlockCluster
package import InterlockJSON

/// A row that the store returned in a list of requests. One that cannot be read keeps no other from being read.
package struct FoundRequest: Sendable {
    package let id: ExactText
    package let request: Result<StoredRequest, ClusterCallFailure>
}
