//! An application's secret.
//!
//! Source: Amazon's model application (2023-11-30) and its guide "Rotate your application's client secret".

use countinghouse_domain::rate::Operation;
use http::Method;

use crate::error::AmazonError;
use crate::grantless::{Application, Scope};
use crate::request::ApiRequest;

const CLIENT_SECRET: &str = "/applications/2023-11-30/clientSecret";

impl Application {
    /// Asks Amazon for a new client secret. It comes as a message in the queue that is registered for the application in
    /// the developer console, never in an answer; without such a queue Amazon refuses
    /// ([`BadRequest`](AmazonError::BadRequest)). The old secret is good for seven more days.
    ///
    /// Never sent twice: after [`AnswerLost`](AmazonError::AnswerLost) look whether a new secret has come.
    pub async fn rotate_client_secret(&self) -> Result<(), AmazonError> {
        let (operation, path) = (Operation::RotateApplicationClientSecret, CLIENT_SECRET.to_owned());
        let request = ApiRequest { operation, method: Method::POST, path, query: Vec::new(), body: None };
        self.call(&request, Scope::ClientCredentialRotation).await.map(|_reply| ())
    }
}
