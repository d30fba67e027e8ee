// Shows the OpenAPI document of this program. Nothing is loaded from elsewhere.
SwaggerUIBundle({ url: '/openapi.json', dom_id: '#contract', deepLinking: true, validatorUrl: null, tryItOutEnabled: true });
